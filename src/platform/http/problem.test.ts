import { expect, test } from 'vitest'
import { problemOf, problemStatus } from './problem.ts'

const error = (about: object, words = '') => Object.assign(new Error(words), about)

test.each([
  ['no connection to the database', error({ code: 'ECONNREFUSED' }), 'outage'],
  ['the database shuts down', error({ code: '57P01' }), 'outage'],
  ['the database starts', error({ code: '57P03' }), 'outage'],
  ['too many connections', error({ code: '53300' }), 'outage'],
  ['the connection broke', error({ code: '08006' }), 'outage'],
  ['the pool is exhausted', error({}, 'timeout exceeded when trying to connect'), 'outage'],
  ['an outage wrapped by a library', error({ cause: error({ code: 'ECONNRESET' }) }), 'outage'],
  ['too much to do', error({ code: 'FST_UNDER_PRESSURE', statusCode: 503 }), 'outage'],
  ['a form too large', error({ code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 }), 'tooLarge'],
  ['too many requests', error({ statusCode: 429 }), 'tooMany'],
  ['a kind of body that no form sends', error({ statusCode: 415 }), 'mediaType'],
  ['a request that cannot be read', error({ statusCode: 400 }), 'malformed'],
  ['a path that leads out of the files of the look', error({ statusCode: 403 }), 'notFound'],
  ['a rule of the database', error({ code: '23514' }), 'fault'],
  ['a statement that took too long', error({ code: '57014' }), 'outage'],
  ['a mistake of ours', new TypeError('x is not a function'), 'fault'],
  ['something that is no error', 'oops', 'fault'],
  ['nothing', undefined, 'fault'],
])('%s is told as what it is', (_, thrown, kind) => {
  expect(problemOf(thrown, 'GET')).toBe(kind)
})

test('whether a request that changes something was done is known where it was turned away, and unclear after an outage', () => {
  const broken = error({ cause: error({ code: '08006' }) })
  const turnedAway = error({ code: 'FST_UNDER_PRESSURE', statusCode: 503 })
  for (const method of ['POST', 'DELETE']) {
    expect(problemStatus[problemOf(broken, method)]).toBe(504)
    expect(problemStatus[problemOf(turnedAway, method)]).toBe(503)
    expect(problemOf(new TypeError('x is not a function'), method)).toBe('fault')
  }
  for (const method of ['GET', 'HEAD']) expect(problemStatus[problemOf(broken, method)]).toBe(503)
})

test('only faults of ours and outages have a status of 500 and more', () => {
  const ours = Object.entries(problemStatus).flatMap(([kind, status]) => (status >= 500 ? [kind] : []))
  expect(ours.toSorted()).toEqual(['closed', 'fault', 'outage', 'starting', 'unclear'])
})
