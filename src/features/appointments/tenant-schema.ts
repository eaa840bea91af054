import { z } from 'zod'
import type { TenantWith } from '#register/addition.ts'
import { Id, Text } from '#register/schema-words.ts'

/* What a tenant with appointments says in `tenant.yaml` besides what every tenant says. */

/** How somebody is served. */
export const Channel = z.enum(['inPerson', 'phone'])

/** Desks that serve at the same time. `public` ones can be booked by everybody, `internal` ones by staff only. */
const Desks = z.strictObject({ public: z.number().int().min(1).max(200), internal: z.number().int().min(0).max(200) })

const Service = z.strictObject({
  id: Id,
  title: Text,
  description: Text,
  channel: Channel,
  /** What to bring besides an identity document, as a sentence. */
  bring: Text.optional(),
  /** Where it is offered; without it, at every site. */
  sites: z.array(Id).min(1).optional(),
  /** Length of the visit; a multiple of the tenant's step. */
  minutes: z.number().int().min(5).max(240),
  /** Starts are offered at every so many minutes of the day; a multiple of the tenant's step. */
  everyMinutes: z.number().int().min(5).max(240),
})
export type Service = z.infer<typeof Service>

/** A stretch of addresses, no larger than a house can have: a larger one would be other people's, too. */
const Network = z
  .union([z.cidrv4(), z.cidrv6()], { error: 'a network such as 192.0.2.0/24 or 2001:db8:1::/48' })
  .refine((network) => Number(network.split('/')[1]) >= (network.includes(':') ? 32 : 16), {
    error: 'a network of one house: /16 or smaller, in IPv6 /32 or smaller',
  })

/** How much one connection may take, i.e. whoever shares an address. */
const allowance = {
  /** Times held at once. */
  holds: z.number().int().min(1).max(10_000),
  /** Appointments booked in a day, of those `bookingsWithoutEmail` without a mail address. */
  bookings: z.number().int().min(1).max(10_000),
  bookingsWithoutEmail: z.number().int().min(0).max(10_000),
  /** Of the times of a day at a site, in percent: what is held, and what was booked today. Three visits are always allowed. */
  shareOfDay: z.number().int().min(1).max(100),
}

/** How many appointments one connection may book in a day for one mail address. */
const maxPerContact = z.number().int().min(1).max(1000)

/** A place where many people share an address, e.g. terminals in a lobby, a library, a shelter. What is left out is as for
 *  everybody. */
const SharedPlace = z.strictObject({
  id: Id,
  networks: z.array(Network).min(1),
  ...z.object({ ...allowance, maxPerContact }).partial().shape,
})

/** Limits against whoever takes more than they need; see `docs/decisions/0038`. */
const CallerLimits = z.strictObject({
  holds: allowance.holds.default(30),
  bookings: allowance.bookings.default(20),
  bookingsWithoutEmail: allowance.bookingsWithoutEmail.default(10),
  shareOfDay: allowance.shareOfDay.default(25),
  places: z.array(SharedPlace).default([]),
})

/** Keys of `tenant.yaml`. */
export const keys = {
  tenant: {
    services: z.array(Service).min(1),
    booking: z.strictObject({
      /** Minutes of one cell of capacity. */
      stepMinutes: z.number().int().min(5).max(60),
      /** How long before its start an appointment has to be booked; 0: until it begins. */
      leadHours: z.number().int().min(0).optional(),
      /** The same in hours in which the site is open: at 2, nobody books at night for the first two hours of the morning.
       *  One of the two is declared; both may be. */
      leadOpeningHours: z.number().int().min(1).optional(),
      windowDays: z.number().int().min(1).max(365),
      holdMinutes: z.number().int().min(2).max(60),
      /** How long before an appointment its reminder goes out, to those who want one. */
      remindHoursBefore: z.number().int().min(1).max(336).default(48),
      /** How long a time that became free is kept for somebody who waits, in minutes of the day: nights do not count. */
      offerMinutes: z.number().int().min(30).max(1440).default(120),
      /** How many services somebody may ask for in one visit; their minutes add up. */
      maxServices: z.number().int().min(1).max(10).default(1),
      maxPerContact: maxPerContact.default(5),
    }),
    limits: CallerLimits.prefault({}),
    /** How people are called for an appointment by phone, e.g. that no number is shown: a sentence. */
    calls: Text.optional(),
    /** What is done for whoever asks for an interpreter: a sentence. Without it, nothing is promised. */
    interpreter: Text.optional(),
  },
  site: { desks: Desks },
  /** Other than the site's. Where rules overlap, the larger number of desks holds. */
  hours: { desks: Desks.optional() },
}

/** A tenant with appointments. */
export type Tenant = TenantWith<typeof keys>
export type Site = Tenant['sites'][number]
