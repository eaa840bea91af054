import { describe, expect, test } from 'vitest'
import { claimsOf, features } from '#apps/features.ts'
import type { Feature, Subject } from '#features/feature.ts'
import { route } from '#platform/http/routes.ts'
import { erasureRequested } from '#register/register.ts'
import { type Trigger, triggerWord } from '#register/triggers.ts'
import { startInstallation } from './helpers/installation.ts'
import { person } from './helpers/person.ts'

/* What a feature brings for others shows where it belongs, and nobody who shows it names the feature. */

const words = {
  title: 'platform.next',
  text: 'platform.back',
} as const
const notes: Feature = {
  name: 'notes',
  needs: [],
  pages: [],
  entries: [
    {
      under: 'services',
      text: words.title,
      more: words.text,
      icon: 'message',
      route: route('/notizen'),
      whenLost: true,
      shown: ({ tenant }) => tenant.slug === 'segeberg',
    },
  ],
  footer: [{ text: words.title, route: route('/notizen/hilfe') }],
}

test('an entry, a link at the foot and a way on from a lost address stand where the tenant has them', async () => {
  const installation = await startInstallation({ features: [...features, notes], withoutWorker: true })
  const who = person(installation)
  const linksAt = async (url: string) =>
    (await who.open(url)).all('a[href*="/notizen"]').map((link) => link.attribute('href'))
  expect(await linksAt('/segeberg/')).toEqual(['/segeberg/notizen', '/segeberg/notizen/hilfe'])
  expect(await linksAt('/segeberg/nirgends')).toEqual(['/segeberg/notizen'])
  expect(await linksAt('/musterstadt/')).toEqual(['/musterstadt/notizen/hilfe'])
  expect(await linksAt('/musterstadt/nirgends')).toEqual([])
  await installation.close()
})

describe('a feature that reports that erasure is asked for', () => {
  const reporting = (subjects: readonly Subject[]): Feature => ({
    ...notes,
    needs: [{ activity: 'notes', withoutConsent: { triggers: [erasureRequested] } }],
    subjects,
  })

  test('and erases nothing does not start', () => {
    const message = 'the feature notes reports erasure.requested and contributes no subject that ends'
    expect(() => claimsOf([reporting([])])).toThrow(message)
    expect(() => claimsOf([reporting([{ activity: 'notes' }])])).toThrow(message)
  })

  test('need not say so where it contributes what it erases: its activity has to declare what follows', () => {
    const ending = features.flatMap(({ subjects = [] }) => subjects).find((subject) => subject.ending)?.ending
    if (!ending) throw new Error('nothing can be ended')
    const { needs } = claimsOf([{ ...notes, subjects: [{ activity: 'notes', ending }] }])
    expect(needs).toEqual([
      expect.objectContaining({
        activity: 'notes',
        where: { activity: 'notes' },
        withConsent: { triggers: ['consent.withdrawn'] },
        withoutConsent: { triggers: [erasureRequested] },
      }),
    ])
  })
})

test('a trigger is said by one feature, in words for both forms; one that nobody has words for does not compile', () => {
  const reported = claimsOf(features).needs.flatMap(({ triggers = [], withConsent, withoutConsent }) => [
    ...triggers,
    ...(withConsent?.triggers ?? []),
    ...(withoutConsent?.triggers ?? []),
  ])
  expect(reported.length).toBeGreaterThan(10)
  const wordless = reported.filter((each) => !triggerWord(each, 'after') || !triggerWord(each, 'atOnce'))
  expect(wordless).toEqual([])
  // @ts-expect-error: see the name of this test
  const unsaid: Trigger = 'moon.landed'
  expect(triggerWord(unsaid, 'after')).toBeNull()
})
