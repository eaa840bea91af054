/**
 * What this software does to protect data (Art. 32 GDPR), each with its nearest term in DPV. Words are in
 * the catalogue under `register.paper.measure`. An entry is a claim about the product: it comes with the code that makes it
 * true, and goes with it.
 */
export const measures = [
  { id: 'sealed', dpv: 'dpv:EncryptionAtRest' },
  { id: 'keys', dpv: 'dpv:CryptographicKeyManagement' },
  { id: 'lookup', dpv: 'dpv:HashMessageAuthenticationCode' },
  { id: 'tenants', dpv: 'dpv:AccessControlMethod' },
  { id: 'capability', dpv: 'dpv:AuthenticationProtocols' },
  { id: 'transport', dpv: 'dpv:EncryptionInTransfer' },
  { id: 'mail', dpv: 'dpv:EncryptionInTransfer' },
  { id: 'trail', dpv: 'dpv:ActivityMonitoring' },
  { id: 'erasure', dpv: 'dpv:DataSanitisationTechnique' },
  { id: 'hold', dpv: 'dpv:TechnicalMeasure' },
  { id: 'undeclared', dpv: 'dpv:InformationFlowControl' },
  { id: 'pages', dpv: 'dpv:InformationFlowControl' },
  { id: 'outbound', dpv: 'dpv:InformationFlowControl' },
  { id: 'forms', dpv: 'dpv:AuthorisationProtocols' },
  { id: 'limits', dpv: 'dpv:TechnicalMeasure' },
  { id: 'logs', dpv: 'dpv:Deidentification' },
  { id: 'register', dpv: 'dpv:FailSafeProtocols' },
  { id: 'doctor', dpv: 'dpv:ActivityMonitoring' },
] as const
