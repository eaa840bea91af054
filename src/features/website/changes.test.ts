import { describe, expect, test } from 'vitest'
import { noticeContent } from '#register/notice/notice.ts'
import { copyTenants, replaced, runningTenant } from '#test/helpers/tenants.ts'
import { noticeChanges } from './changes.ts'

const booking = 'segeberg/activities/appointments-booking.yaml'
const before = noticeContent(runningTenant('segeberg'), 'de')

const edited = (path: string, ...edits: [from: string, to: string][]) => {
  using tenants = copyTenants()
  tenants.write(
    path,
    edits.reduce((text, [from, to]) => replaced(text, from, to), tenants.read(path)),
  )
  return noticeContent(runningTenant('segeberg', tenants.load()), 'de')
}

describe('what changed between two versions', () => {
  test('is nothing between a version and itself', () => {
    expect(noticeChanges(before, before)).toEqual([])
  })

  test('names a changed period by section and subheading, and marks the words that came and went', () => {
    const changes = noticeChanges(before, edited(booking, ['period: P14D', 'period: P30D']))
    expect(changes.map(({ id, kind }) => [id, kind])).toEqual([
      ['summary', 'changed'],
      ['appointments-booking', 'changed'],
    ])
    expect(changes[1]?.lines).toEqual([
      {
        under: 'Wann wir die Daten löschen',
        pieces: [
          { kind: 'same', text: 'Wir löschen diese Daten ' },
          { kind: 'removed', text: '14' },
          { kind: 'added', text: '30' },
          { kind: 'same', text: ' Tage nach dem Termin.' },
        ],
      },
    ])
  })

  test('shows a line that was added whole, and one that went, too', () => {
    const rule = '  - { id: cancelled, trigger: appointment.cancelled, period: PT0S }\n'
    const longer = edited(booking, [rule, `${rule}  - { id: twice, trigger: appointment.cancelled, period: P2D }\n`])
    const words = 'Wir löschen diese Daten 2 Tage nach der Absage.'
    const linesOf = (changes: ReturnType<typeof noticeChanges>) =>
      changes.find(({ id }) => id === 'appointments-booking')?.lines
    const under = 'Wann wir die Daten löschen'
    expect(linesOf(noticeChanges(before, longer))).toEqual([{ under, pieces: [{ kind: 'added', text: words }] }])
    expect(linesOf(noticeChanges(longer, before))).toEqual([{ under, pieces: [{ kind: 'removed', text: words }] }])
  })

  test('shows a section that came or went as one', () => {
    const without = { ...before, sections: before.sections.filter(({ id }) => id !== 'cookies') }
    const [gone, ...others] = noticeChanges(before, without)
    expect(others).toEqual([])
    expect(gone).toMatchObject({ id: 'cookies', kind: 'removed', heading: 'Cookies' })
    expect(noticeChanges(without, before)).toMatchObject([{ id: 'cookies', kind: 'added' }])
  })

  test('put together again gives every changed line of both versions', () => {
    const newer = edited(booking, ['Damit wir wissen, wer kommt', 'So wissen wir, wer zu uns kommt'])
    const text = (kinds: readonly string[]) =>
      noticeChanges(before, newer)
        .flatMap(({ lines }) => lines)
        .map(({ pieces }) => pieces.filter(({ kind }) => kinds.includes(kind)).map((piece) => piece.text))
        .map((words) => words.join(''))
    expect(text(['same', 'removed'])).toEqual([expect.stringContaining('Damit wir wissen, wer kommt oder wen wir')])
    expect(text(['same', 'added'])).toEqual([expect.stringContaining('So wissen wir, wer zu uns kommt oder wen wir')])
  })
})
