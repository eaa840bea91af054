import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientDir } from '#apps/compose.ts'
import { features } from '#apps/features.ts'
import { createServer } from '#apps/server.ts'
import type { AccountOwner, StaffMember } from '#features/actor.ts'
import { form, get } from '#features/addresses.ts'
import type { Context, Feature, Guards } from '#features/feature.ts'
import { file, redirect } from '#platform/http/response.ts'
import { type RoutePath, route } from '#platform/http/routes.ts'
import { type Installation, startInstallation } from './helpers/installation.ts'
import { formTokenOf } from './helpers/person.ts'

/* Who may ask for what, with pages that only this test has: for an account, for staff, and for who has a link. */

let installation: Installation
beforeAll(async () => {
  installation = await startInstallation({ tenants: ['segeberg'] })
})
afterAll(() => installation.close())

const at = {
  signIn: route('/anmelden'),
  account: route('/konto'),
  inbox: route('/arbeit/:matter'),
  note: route('/arbeit/:matter/notiz'),
}
const session = new AbortController().signal
const toSignIn = ({ place }: Context) => redirect(at.signIn.href(place, {}))
const staff = (accountId: string, rights: string[]): StaffMember => ({
  kind: 'staff',
  accountId,
  rights: new Set(rights),
  session,
})

/** Who somebody is stands in the address, as no session of a browser would have it. */
const guards: Guards = {
  account: async (context, go) => {
    const owner: AccountOwner = { kind: 'account', accountId: 'erika', session }
    return context.query.wer === 'erika' ? go(owner) : toSignIn(context)
  },
  staff: async (context, go) => {
    const known = { ada: staff('ada', ['inbox']), bob: staff('bob', ['reports']) }
    const member = Object.entries(known).find(([name]) => name === context.query.wer)?.[1]
    return member ? go(member) : toSignIn(context)
  },
}

const done: string[] = []
const inbox = { kind: 'staff', right: 'inbox' } as const
const desk: Feature = {
  name: 'desk',
  needs: [],
  guards,
  inputs: ['wer'],
  pages: [
    get(at.signIn, { access: 'public', show: async ({ actor }) => file('text/plain', actor.kind) }),
    get(at.account, { access: 'account', show: async ({ actor }) => file('text/plain', actor.accountId) }),
    get(at.inbox, {
      access: inbox,
      show: async ({ actor, params }) => file('text/plain', `${actor.accountId} ${params.matter}`),
    }),
    form(at.note, {
      access: inbox,
      elsewhere: at.inbox,
      act: async ({ actor, params, place }) => {
        done.push(`${actor.accountId} ${params.matter}`)
        return redirect(at.inbox.href(place, params))
      },
    }),
  ].flat(),
}

const server = (more: readonly Feature[]) => createServer(installation.deps, [...features, ...more], clientDir)

describe('an address is not taken up', () => {
  test('where nothing says who may ask for it', async () => {
    const [page] = desk.pages
    const silent = { ...desk, pages: [{ ...page, access: undefined }] } as unknown as Feature
    await expect(server([silent])).rejects.toThrow('GET /anmelden')
  })

  test.each(['account', 'staff'] as const)('where no feature could tell who has signed in: %s', async (kind) => {
    const { [kind]: _, ...others } = guards
    const missing = kind === 'account' ? 'GET /konto' : 'GET /arbeit/:matter, POST /arbeit/:matter/notiz'
    await expect(server([{ ...desk, guards: others }])).rejects.toThrow(new RegExp(`: ${RegExp.escape(missing)}$`))
  })

  test('where two features would tell', async () => {
    await expect(server([desk, { ...desk, name: 'second', pages: [] }])).rejects.toThrow('desk, second')
  })
})

describe('behind its guard', () => {
  let app: Awaited<ReturnType<typeof createServer>>
  beforeAll(async () => {
    app = await server([desk])
  })
  afterAll(() => app.close())

  const place = { slug: 'segeberg', language: 'de' } as const
  const inboxOf = (who?: string) => at.inbox.href(place, { matter: '7' }, who ? { wer: who } : {})
  const open = async (url: string) => {
    const { statusCode, body, headers } = await app.inject(url)
    return [statusCode, statusCode === 303 ? headers.location : statusCode === 200 ? body : null]
  }
  const send = async (target: RoutePath<'/arbeit/:matter/notiz'>, who: string) =>
    app.inject({
      method: 'POST',
      url: target.href(place, { matter: '7' }, { wer: who }),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({ formToken: formTokenOf(installation, 'segeberg') }).toString(),
    })

  test('a page knows the account that has signed in; everybody else is led to sign in', async () => {
    expect(await open(at.account.href(place, {}, { wer: 'erika' }))).toEqual([200, 'erika'])
    for (const wer of ['ada', ''])
      expect(await open(at.account.href(place, {}, { wer }))).toEqual([303, '/segeberg/anmelden'])
    expect(await open('/segeberg/anmelden')).toEqual([200, 'visitor'])
  })

  test('staff see what their right is for, and of the rest no more than of an address that does not exist', async () => {
    expect(await open(inboxOf('ada'))).toEqual([200, 'ada 7'])
    expect(await open(inboxOf('bob'))).toEqual([404, null])
    expect(await open(inboxOf())).toEqual([303, '/segeberg/anmelden'])
    expect((await app.inject(inboxOf('bob'))).body).toBe((await app.inject('/segeberg/gibt-es-nicht')).body)
  })

  test('a form does its work for who may, and for nobody else', async () => {
    expect((await send(at.note, 'bob')).statusCode).toBe(404)
    expect((await send(at.note, 'erika')).headers.location).toBe('/segeberg/anmelden')
    expect(done).toEqual([])
    expect((await send(at.note, 'ada')).headers.location).toBe('/segeberg/arbeit/7')
    expect(done).toEqual(['ada 7'])
  })

  test('the address of a form without a page leads on, with what varies in it', async () => {
    expect(await open(at.note.href(place, { matter: '8' }))).toEqual([303, '/segeberg/arbeit/8'])
  })
})
