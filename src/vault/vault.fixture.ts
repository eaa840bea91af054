/** What tests of the vault store, in the activity `appointments.booking` of any tenant. */
export const booking = {
  name: 'Erika Markerfrau',
  birthDate: '1984-08-12',
  email: 'erika@example.org',
  service: 'beratung-vor-ort',
  place: 'kaltenkirchen',
  appointmentAt: '2026-11-30T09:00:00Z',
  bookedAt: '2026-11-23T08:00:00Z',
  reference: 'ABCD-EFGH',
  manageLink: 'AAAAAAAAAAAAAAAAAAAAAA',
  language: 'de',
  consentGivenAt: '2026-11-23T08:00:00Z',
}
