import { stringify } from 'yaml'
import type { z } from 'zod'
import { readYaml } from '../load/yaml.ts'
import type { Finding } from '../register.ts'
import { judge } from './judge.ts'
import { Published } from './published.ts'

/** The day the tests judge for. */
export const today = '2026-11-22'

export type Written = z.input<typeof Published>
type Activity = Written['activities'][number]

/** An invented notice of which no rule has anything to say. Tests spoil it in one place. */
export const faultless = (): Written & { activities: [Activity, ...Activity[]] } => ({
  notice: { title: 'Datenschutz', date: '2026-07-01', readOn: today },
  name: 'Jobcenter Beispielstadt',
  kind: 'gE',
  land: 'DE-NW',
  cites: [{ norm: 'Art. 13 GDPR' }],
  controller: {
    name: 'Jobcenter Beispielstadt',
    representedBy: 'the management',
    street: 'Beispielweg 1',
    postalCode: '12345',
    city: 'Beispielstadt',
    email: { printed: 'post@beispielstadt.example' },
  },
  dataProtectionOfficer: { name: 'the officer', email: { printed: 'datenschutz@beispielstadt.example' } },
  supervisoryAuthority: {
    name: 'Bundesbeauftragte für den Datenschutz und die Informationsfreiheit',
    street: 'Graurheindorfer Str. 153',
    postalCode: '53117',
    city: 'Bonn',
    website: 'https://www.bfdi.bund.de/',
  },
  rights: {
    named: (
      [
        'access',
        'rectification',
        'erasure',
        'restriction',
        'withdrawal',
        'portability',
        'objection',
        'complaint',
      ] as const
    ).map((right) => ({ right })),
  },
  sections: [
    { number: '1', announces: ['service'] },
    { number: '2', announces: ['cookies'] },
    { number: '2.a', announces: ['cookies'] },
  ],
  references: [{ from: '1', to: '2.a', about: 'cookies' }],
  activities: [
    {
      id: 'inquiries',
      title: 'inquiries',
      purposes: [{ text: 'answering' }],
      bases: [{ norm: 'Art. 6(1)(e) GDPR' }, { norm: '§ 67b(1) SGB X' }],
      fields: [
        { id: 'name' },
        { id: 'ipAddress', form: 'shortened' },
        { id: 'ipAddress', form: 'full', kept: 'never' },
      ],
      retention: [
        { after: 'answered', period: 'P30D' },
        { after: 'filed', criteria: 'the rules for files' },
      ],
      recipients: {
        claim: 'only',
        named: [{ name: 'Hoster', role: 'processor', contract: 'art28', country: 'DE' }],
      },
      operators: [{ name: 'Hoster', does: 'stores' }],
      hosts: [{ host: 'bilder.example', of: 'Hoster' }],
      transports: [
        { what: 'the form', by: 'web', encryption: 'tls' },
        { what: 'a link without data', by: 'mail', encryption: 'tls' },
      ],
    },
    {
      id: 'newsletter',
      title: 'news by mail',
      purposes: [{ text: 'sending news' }],
      bases: [{ norm: 'Art. 6(1)(a) GDPR' }],
      fields: [{ id: 'email', kept: 'P1Y' }],
      consents: [{ givenBy: 'ownAct' }],
      cookies: { set: true, serves: 'statistics' },
    },
  ],
  cookies: {
    claim: 'complete',
    groups: [
      {
        text: 'cookies of the form',
        serves: 'security',
        essential: true,
        bases: [{ norm: '§ 25(2) No 2 TDDDG' }],
        cookies: [{ name: 'form', lifetime: 'session' }],
      },
      {
        text: 'cookies that count visits',
        activity: 'newsletter',
        serves: 'statistics',
        essential: false,
        bases: [{ norm: '§ 25(1) TDDDG' }],
        cookies: [{ name: '_pk_id.1.1fff' }],
        retention: [{ after: 'set', period: 'P30D' }],
      },
    ],
  },
})

/** Judges an object as if it stood in a file. @throws if it breaks the schema. */
export const judged = (written: unknown, on = today): Finding[] => {
  const yaml = readYaml(
    'published.yaml',
    new TextEncoder().encode(stringify(written, { aliasDuplicateObjects: false })),
  )
  return judge(yaml, Published.parse(yaml.data), on)
}

/** The faultless notice after a change. */
export const spoiled = (spoil: (notice: ReturnType<typeof faultless>) => void): ReturnType<typeof faultless> => {
  const notice = faultless()
  spoil(notice)
  return notice
}
