import { describe, expect, test } from 'vitest'
import { problemsOf, tenantFile, testFaults } from '#test/helpers/faults.ts'
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
    name: 'a rhythm of weeks that begins nowhere',
    file: tenantFile,
    from: "from: '14:00', to: '17:00'",
    to: "from: '14:00', to: '17:00', everyWeeks: 2",
    at: 'days: [thu]',
    message: 'sites.kaltenkirchen.openingHours: 14:00 to 17:00: everyWeeks and startingFrom go together',
    remedy: 'write both: everyWeeks: 2 with startingFrom, a day of a week that counts; or neither',
  },
  {
    name: 'opening hours that are valid until before they begin',
    file: tenantFile,
    from: "from: '14:00', to: '17:00'",
    to: "from: '14:00', to: '17:00', validFrom: 2027-02-01, validUntil: 2027-01-31",
    at: 'days: [thu]',
    message: 'sites.kaltenkirchen.openingHours: 14:00 to 17:00: ends before it begins',
    remedy: "write a 'validUntil' after 'validFrom'",
  },
  {
    name: 'an exception without a day',
    file: tenantFile,
    from: '    desks: { public: 4, internal: 1 }',
    to: '    desks: { public: 4, internal: 1 }\n    exceptions:\n      - { from: 2026-12-30 }',
    at: 'from: 2026-12-30',
    message: 'sites.kaltenkirchen.exceptions: which days?',
    remedy: "write 'on' for one day, or 'from' and 'to'",
  },
  {
    name: 'two exceptions for one day',
    file: tenantFile,
    from: '    desks: { public: 4, internal: 1 }',
    to: '    desks: { public: 4, internal: 1 }\n    exceptions:\n      - { on: 2026-12-30 }\n      - { from: 2026-12-29, to: 2026-12-31 }',
    at: 'from: 2026-12-29',
    message: 'sites.kaltenkirchen.exceptions: 2026-12-29: a day of another exception',
    remedy: 'write one exception for each day',
  },
  {
    name: 'other hours within a closure',
    file: tenantFile,
    from: '    desks: { public: 4, internal: 1 }',
    to: "    desks: { public: 4, internal: 1 }\n    closures: [{ from: 2026-12-24, to: 2027-01-01, reason: { de: zu, en: shut } }]\n    exceptions:\n      - { on: 2026-12-30, hours: [{ from: '08:00', to: '10:00' }] }",
    at: 'on: 2026-12-30',
    message: 'sites.kaltenkirchen.exceptions: 2026-12-30: lies in a closure, so nothing would be offered',
    remedy: 'split the closure around it',
  },
  {
    name: 'a closure that ends before it begins',
    file: tenantFile,
    from: '    desks: { public: 4, internal: 1 }',
    to: '    desks: { public: 4, internal: 1 }\n    closures: [{ from: 2027-01-02, to: 2027-01-01, reason: { de: zu, en: shut } }]',
    at: 'to: 2027-01-01',
    message: 'sites.kaltenkirchen.closures: 2027-01-02 to 2027-01-01 is no span of days',
    remedy: "write a 'to' not before 'from'",
  },
  {
    name: 'a local holiday on a day that no calendar has',
    file: tenantFile,
    from: 'timeZone: Europe/Berlin',
    to: "timeZone: Europe/Berlin\nholidays: { local: [{ date: '--02-30', name: { de: Fest, en: feast } }] }",
    at: 'holidays:',
    message: 'holidays.local: --02-30 is no day',
    remedy: 'write a day of the calendar such as --06-24, easter-48 or 2026-12-24',
  },
  {
    name: 'a holiday kept open that is none of the Land',
    file: tenantFile,
    from: 'timeZone: Europe/Berlin',
    to: "timeZone: Europe/Berlin\nholidays: { open: ['--11-01'] }",
    at: 'holidays:',
    message: 'holidays.open: --11-01 is no public holiday of DE-SH',
    remedy: 'remove it, or correct the day',
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
    at: 'id: beratung-vor-ort\n    title:\n      de: Beratung am Telefon',
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
    name: 'a page of the supervisory authority that a browser would run and not open',
    file: tenantFile,
    from: 'website: https://www.bfdi.bund.de',
    to: 'website: javascript://www.bfdi.bund.de/%0Aalert(1)',
    at: 'website: javascript',
    message: 'supervisoryAuthority.website: expected an address that begins with https://',
    remedy: 'write an address that begins with https://',
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
    message: 'supervisoryAuthority: not called like the BfDI (de)',
    remedy: 'correct the name in de',
  },
  {
    name: "another authority's name in English only",
    file: tenantFile,
    from: 'en: Federal Commissioner for Data Protection and Freedom of Information (BfDI)',
    to: 'en: ULD',
    at: 'name:\n    de: Die Bundesbeauftragte',
    message: 'supervisoryAuthority: not called like the BfDI (en)',
    remedy: 'correct the name in en',
  },
  {
    name: "another authority's name in Arabic only",
    file: tenantFile,
    from: 'ar: المفوضية الاتحادية لحماية البيانات وحرية المعلومات (BfDI)',
    to: 'ar: مفوض حماية البيانات (LDI NRW)',
    at: 'name:\n    de: Die Bundesbeauftragte',
    message: 'supervisoryAuthority: not called like the BfDI (ar)',
    remedy: 'correct the name in ar',
  },
  {
    name: 'another city than that of the supervisory authority',
    file: tenantFile,
    from: 'city: Bonn',
    to: 'city: Berlin',
    at: 'street: Graurheindorfer',
    message: 'supervisoryAuthority: not the address of the BfDI',
    remedy: 'write Graurheindorfer Straße 153, 53117 Bonn',
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

describe('a municipal Jobcenter', () => {
  const inSaxony = (text: string) => replaced(replaced(text, 'kind: gE', 'kind: zkT'), 'land: DE-SH', 'land: DE-SN')
  const bySaxony = (text: string) =>
    inSaxony(text)
      .replace(/Die Bundesbeauftragte .*/, 'Sächsische Datenschutz- und Transparenzbeauftragte')
      .replace(/Federal Commissioner .*/, 'Data protection commissioner of Saxony')
      .replace(/المفوضية الاتحادية .*/, 'المفوضية السكسونية لحماية البيانات')
      .replace('https://www.bfdi.bund.de', 'https://www.datenschutz.sachsen.de')
      .replace('Graurheindorfer Straße 153', 'Maternistr. 17')
      .replace("postalCode: '53117'", "postalCode: '01067'")
      .replace('city: Bonn', 'city: Dresden')
  const withoutAct = (tenants: ReturnType<typeof copyTenants>) => {
    for (const name of ['appointments-draft', 'web-delivery', 'web-limits', 'web-statistics', 'web-terms'])
      tenants.write(
        `segeberg/activities/${name}.yaml`,
        tenants.read(`segeberg/activities/${name}.yaml`).replace('§ 3 BDSG', '§ 67c(1) SGB X'),
      )
  }

  test('runs with the authority of its Land, by whatever short form of its street', () => {
    using tenants = copyTenants()
    tenants.remove('segeberg/published.yaml')
    withoutAct(tenants)
    tenants.write(tenantFile, bySaxony(tenants.read(tenantFile)))
    const { running } = tenants.load()
    const judged = tenants.judge()
    expect([...running.keys()]).toEqual(['musterstadt', 'segeberg'])
    expect(judged.get('segeberg')).toBeUndefined()
  })

  test('does not run with the authority of somebody else, its old address, or the law of joint institutions', () => {
    using tenants = copyTenants()
    tenants.write(tenantFile, inSaxony(tenants.read(tenantFile)))
    expect(problemsOf(tenants, 'segeberg')).toContainEqual(
      expect.objectContaining({ remedy: 'name the commissioner of Saxony (SDTB), https://www.datenschutz.sachsen.de' }),
    )
    tenants.write(
      tenantFile,
      bySaxony(tenants.read(tenantFile).replace('zkT', 'gE').replace('DE-SN', 'DE-SH')).replace(
        'Maternistr. 17',
        'Devrientstraße 5',
      ),
    )
    expect(problemsOf(tenants, 'segeberg')).toContainEqual(
      expect.objectContaining({ remedy: 'write Maternistraße 17, 01067 Dresden' }),
    )
    expect(problemsOf(tenants, 'segeberg')).toContainEqual(
      expect.objectContaining({
        remedy:
          'name the Social Code; this software does not know the data protection act of DE-SN yet, so it cannot be cited before somebody adds it to the catalogue of laws',
      }),
    )
  })
})
