import pg from 'pg'
import { expect, test } from 'vitest'
import { prepareDatabase } from '#apps/compose.ts'
import { appRole } from '#platform/db/db.ts'
import { freshDatabase, startInstallation } from '../helpers/installation.ts'
import { bookAppointment, person } from '../helpers/person.ts'

/* An installation as an operator sets it up: one role owns and migrates, another one runs; neither is a superuser. */

test.each(['may make roles', 'may not, and the role is there already'])(
  'a plain owner who %s migrates; a plain login runs the product',
  async (which) => {
    const database = await freshDatabase()
    const admin = new pg.Client({ ...database.connection, database: 'postgres' })
    await admin.connect()
    const mark = which.length
    const [owner, login, name] = [`owner_${mark}`, `login_${mark}`, `plain_${mark}`]
    try {
      await admin.query(
        `create role ${owner} login password 'of-the-owner' ${which === 'may make roles' ? 'createrole' : ''}`,
      )
      await admin.query(`create role ${login} login password 'of-the-login'`)
      if (which !== 'may make roles') await admin.query(`grant ${appRole} to ${owner}`)
      await admin.query(`create database ${name} owner ${owner}`)
      const { host } = database.connection
      await prepareDatabase({ host, user: owner, password: 'of-the-owner', database: name })
      await admin.query(`grant ${appRole} to ${login}`)
      const connection = { host, user: login, password: 'of-the-login', database: name }
      const installation = await startInstallation({ database: { connection, drop: async () => {} } })
      try {
        const { booked } = await bookAppointment(person(installation))
        expect(booked.text).toContain('Ihr Termin ist gebucht')
      } finally {
        await installation.close()
      }
    } finally {
      await admin.query(`drop database if exists ${name} with (force)`)
      await admin.query(`drop role if exists ${owner}, ${login}`)
      await admin.end()
      await database.drop()
    }
  },
)
