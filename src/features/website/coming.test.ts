import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '#test/helpers/folder.ts'
import { freshDatabase, startInstallation } from '#test/helpers/installation.ts'
import { person } from '#test/helpers/person.ts'
import { copyTenants, replaced, runningTenant } from '#test/helpers/tenants.ts'
import { listVersions } from './sql.ts'

describe('a notice of a day to come', () => {
  const path = 'segeberg/tenant.yaml'
  const later = (text: string) => replaced(text, 'effectiveFrom: 2026-11-15', 'effectiveFrom: 2026-12-24')
  const base = '/segeberg/datenschutz/fassungen'

  test('is said at the start, and nowhere claims to be in force before that day', async () => {
    const data = await freshDatabase()
    const folder = temporaryFolder('coming')
    const config = { keyFile: join(folder, 'master.key') }
    await (await startInstallation({ database: data, config, withoutWorker: true })).close()
    const edit = { [path]: (text: string) => replaced(later(text), '030 23125 001', '030 23125 002') }
    const on = await startInstallation({ database: data, config, withoutWorker: true, edit })
    try {
      expect(on.said).toContainEqual(
        expect.stringMatching(
          /segeberg\/tenant\.yaml:\d+: effectiveFrom: 2026-12-24 is still to come, and the program/,
        ),
      )
      const [old = '', coming = ''] = (
        await on.deps.db.inTenant(runningTenant('segeberg').tenant.id, listVersions)
      ).map(({ hash }) => hash)
      const open = async (url: string) => (await person(on).open(url)).text
      const notYet =
        'Diese Fassung gilt noch nicht Sie gilt ab 24. Dezember 2026. Die Software arbeitet schon jetzt danach.'
      for (const url of ['/segeberg/datenschutz', '/segeberg/datenschutz/appointments-booking', `${base}/${coming}`]) {
        expect(await open(url)).toContain(notYet)
        expect(await open(url)).not.toContain('gilt jetzt')
      }
      expect(await open('/segeberg/en/datenschutz')).toContain('It is in force from 24 December 2026.')
      expect(await open(base)).toMatch(/24\. Dezember 2026 \(gilt noch nicht\).*15\. November 2026 \(gilt jetzt\)/)
      expect(await open(`${base}/${old}`)).toContain('Diese Fassung gilt jetzt')
      on.time.set('2026-12-23T23:30:00Z') // in Germany it is the day
      for (const url of ['/segeberg/datenschutz', base, `${base}/${coming}`])
        expect(await open(url)).not.toContain('gilt noch nicht')
      expect(await open(base)).toMatch(/24\. Dezember 2026 \(gilt jetzt\)/)
      expect(await open(`${base}/${old}`)).toContain('Diese Fassung gilt nicht mehr')
    } finally {
      await on.close()
      await data.drop()
      rmSync(folder, { recursive: true })
    }
  })

  test('is a finding, and closes nobody', () => {
    using tenants = copyTenants()
    tenants.write(path, later(tenants.read(path)))
    const { running } = tenants.load()
    const judged = tenants.judge()
    expect([...running.keys()]).toEqual(['musterstadt', 'segeberg'])
    expect(judged.get('segeberg')?.findings[0]).toMatchObject({ rule: 'not-yet-in-force', noticeDate: '2026-12-24' })
  })
})
