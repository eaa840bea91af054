import { describe, expect, test } from 'vitest'
import { lineOf, problemsOf, tenantFile, testFaults } from '#test/helpers/faults.ts'
import { copyTenants, replaced } from '#test/helpers/tenants.ts'

testFaults([
  {
    name: 'a slug that is an address of the installation',
    file: tenantFile,
    from: 'slug: segeberg',
    to: 'slug: en',
    at: 'slug:',
    message: "slug: 'en' is an address of the installation",
    remedy: 'choose another slug',
  },
  {
    name: 'a slug that is not the folder',
    file: tenantFile,
    from: 'slug: segeberg',
    to: 'slug: sege-berg',
    at: 'slug:',
    message: "slug: 'sege-berg' differs from its folder 'segeberg'",
    remedy: 'write segeberg or rename the folder',
  },
  {
    name: 'a visit that is no multiple of the step',
    file: tenantFile,
    from: 'minutes: 30',
    to: 'minutes: 25',
    at: 'minutes: 25',
    message: 'services.beratung-vor-ort.minutes: 25 is not a multiple of stepMinutes, 10',
    remedy: 'write 30, or choose other stepMinutes',
  },
  {
    name: 'offered starts that are no multiple of the step',
    file: tenantFile,
    from: 'everyMinutes: 20',
    to: 'everyMinutes: 15',
    at: 'everyMinutes: 15',
    message: 'services.beratung-telefon.everyMinutes: 15 is not a multiple of stepMinutes, 10',
    remedy: 'write 20, or choose other stepMinutes',
  },
  {
    name: 'an unknown time zone',
    file: tenantFile,
    from: 'timeZone: Europe/Berlin',
    to: 'timeZone: Europe/Kaltenkirchen',
    at: 'timeZone',
    message: "timeZone: 'Europe/Kaltenkirchen' is unknown",
    remedy: 'write an IANA name such as Europe/Berlin',
  },
  {
    name: 'opening hours that end before they begin',
    file: tenantFile,
    from: "from: '14:00', to: '17:00'",
    to: "from: '17:00', to: '14:00'",
    at: 'days: [thu]',
    message: 'sites.kaltenkirchen.openingHours: 17:00 to 14:00 is no time span',
    remedy: "write a 'to' later than 'from', at most 24:00",
  },
  {
    name: 'opening hours after midnight',
    file: tenantFile,
    from: "to: '17:00'",
    to: "to: '24:30'",
    at: 'days: [thu]',
    message: 'sites.kaltenkirchen.openingHours: 14:00 to 24:30 is no time span',
    remedy: "write a 'to' later than 'from', at most 24:00",
  },
  {
    name: 'opening hours that overlap',
    file: tenantFile,
    from: "from: '14:00'",
    to: "from: '11:00'",
    at: 'days: [thu]',
    message: 'sites.kaltenkirchen.openingHours: 11:00 to 17:00 overlaps 08:00 to 12:00 of the same day',
    remedy: 'write one span for both',
  },
  {
    name: 'opening hours between two steps',
    file: tenantFile,
    from: "from: '14:00'",
    to: "from: '14:05'",
    at: 'days: [thu]',
    message: 'sites.kaltenkirchen.openingHours: 14:05 to 17:00 begins between two steps, so no start would be offered',
    remedy: 'begin at a multiple of 10 minutes after midnight',
  },
  {
    name: 'two services of the same id',
    file: tenantFile,
    from: 'id: beratung-telefon',
    to: 'id: beratung-vor-ort',
    at: 'id: beratung-vor-ort\n    title: { de: Beratung am Telefon',
    message: "services: the id 'beratung-vor-ort' occurs twice",
    remedy: 'rename or remove one of the two',
  },
  {
    name: 'a sender in another notation than mail servers use',
    file: tenantFile,
    from: 'mailFrom: termine@segeberg.example',
    to: 'mailFrom: termine@SEGEBERG.example',
    at: 'mailFrom:',
    message:
      "mailFrom: expected an address in lower case such as termine@example.org, found 'termine@SEGEBERG.example'",
    remedy: 'write an address in lower case such as termine@example.org',
  },
  {
    name: 'the wrong supervisory authority',
    file: tenantFile,
    from: 'kind: gE',
    to: 'kind: zkT',
    at: 'website:',
    message: 'supervisoryAuthority: not the one for a Jobcenter of kind zkT in DE-SH',
    remedy:
      'name the Unabhängiges Landeszentrum für Datenschutz Schleswig-Holstein (ULD), https://www.datenschutzzentrum.de',
  },
  {
    name: 'an old address of the supervisory authority',
    file: tenantFile,
    from: 'street: Graurheindorfer Straße 153',
    to: 'street: Husarenstraße 30',
    at: 'street: Husarenstraße 30',
    message: 'supervisoryAuthority: not the address of the BfDI',
    remedy: 'write Graurheindorfer Straße 153, 53117 Bonn',
  },
  {
    name: 'another name than that of the supervisory authority',
    file: tenantFile,
    from: 'de: Die Bundesbeauftragte oder der Bundesbeauftragte für den Datenschutz und die Informationsfreiheit (BfDI)',
    to: 'de: Die Landesbeauftragte',
    at: 'name:\n    de: Die Landesbeauftragte',
    message: 'supervisoryAuthority: not called like the BfDI',
    remedy: 'correct the name',
  },
  {
    name: 'a Land that does not exist',
    file: tenantFile,
    from: 'land: DE-SH',
    to: 'land: SH',
    at: 'land: SH',
    message:
      "land: expected one of DE-BB, DE-BE, DE-BW, DE-BY, DE-HB, DE-HE, DE-HH, DE-MV, DE-NI, DE-NW, DE-RP, DE-SH, DE-SL, DE-SN, DE-ST, DE-TH, found 'SH'",
    remedy:
      'write one of DE-BB, DE-BE, DE-BW, DE-BY, DE-HB, DE-HE, DE-HH, DE-MV, DE-NI, DE-NW, DE-RP, DE-SH, DE-SL, DE-SN, DE-ST, DE-TH',
  },
  {
    name: 'a disguised address of the data protection officer',
    file: tenantFile,
    from: 'supervisoryAuthority:',
    to: '  email: datenschutz@no-spam.segeberg.example\n\nsupervisoryAuthority:',
    at: 'email: datenschutz@no-spam',
    message: "dataProtectionOfficer.email: 'datenschutz@no-spam.segeberg.example' is disguised",
    remedy: 'write an address that people can use',
  },
])

describe('a municipal Jobcenter of a Land that is not in the catalogue', () => {
  const inSaxony = (text: string) => replaced(replaced(text, 'kind: gE', 'kind: zkT'), 'land: DE-SH', 'land: DE-SN')

  test('runs with an authority nobody could compare, and a finding says so', () => {
    using tenants = copyTenants()
    tenants.remove('segeberg/published.yaml')
    const text = inSaxony(tenants.read(tenantFile))
      .replace(/Die Bundesbeauftragte .*/, 'Sächsische Datenschutzbeauftragte')
      .replace('https://www.bfdi.bund.de', 'https://www.datenschutz.sachsen.de')
    tenants.write(tenantFile, text)
    const { running, judged } = tenants.load()
    expect([...running.keys()]).toEqual(['musterstadt', 'segeberg'])
    expect(judged.get('segeberg')?.findings).toEqual([
      expect.objectContaining({
        rule: 'authority-unknown',
        line: lineOf(text, 'land: DE-SN'),
        noticeDate: '2026-11-01',
      }),
    ])
  })

  test('does not run with the authority of somebody else', () => {
    using tenants = copyTenants()
    tenants.write(tenantFile, inSaxony(tenants.read(tenantFile)))
    expect(problemsOf(tenants, 'segeberg')).toContainEqual(
      expect.objectContaining({ remedy: 'name the commissioner for data protection of DE-SN' }),
    )
  })
})
