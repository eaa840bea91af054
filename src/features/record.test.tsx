import { renderToString } from 'preact-render-to-string'
import { expect, test } from 'vitest'
import { claims } from '#apps/features.ts'
import { translator } from '#platform/i18n/translate.ts'
import { SummaryList } from '#platform/ui/components.tsx'
import { loadRegister } from '#register/load/load.ts'
import type { RunningTenant } from '#register/register.ts'
import type { OpenRecord } from '#vault/index.ts'
import type { Context } from './feature.ts'
import { recordRows } from './record.tsx'

const running = loadRegister('tenants', claims).running.get('duesseldorf') as RunningTenant

test.each(['de', 'en', 'ar'] as const)(
  'what is stored can be read also after the Jobcenter gave up the site or the service: %s',
  (language) => {
    const record: OpenRecord = {
      id: '00000000-0000-4000-8000-000000000000',
      activity: 'appointments.booking',
      fields: { place: 'altes-rathaus', service: 'altes-anliegen', appointmentAt: '2026-12-03T08:00:00Z' },
      createdAt: Temporal.Instant.from('2026-11-23T08:00:00Z'),
      events: {},
      due: null,
      legalHold: null,
      looks: { count: 0, last: null },
    }
    const context = { running, language, t: translator(language) } as Context
    const text = renderToString(<SummaryList rows={recordRows(context, record)} />)
    for (const id of ['altes-rathaus', 'altes-anliegen']) expect(text).toContain(id)
  },
)
