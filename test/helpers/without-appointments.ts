/** What makes a tenant of Viersen's files one without appointments, by file of its folder; null: the file goes. */
const changes: Record<string, (text: string) => string | null> = {
  'tenant.yaml': (text) => text.slice(0, text.indexOf('\nservices:') + 1).replace(/^ *desks: .*\n/gm, ''),
  'activities/appointments-booking.yaml': () => null,
  'activities/appointments-draft.yaml': () => null,
  // Of the mails only the code for one's data is left.
  'activities/mail-delivery.yaml': (text) => text.replace(/^ {2}- id: (inform|confirmErasure)\n(?: {4}.*\n)+/gm, ''),
}

/** The same for `startInstallation`. */
export const withoutAppointments: typeof changes = Object.fromEntries(
  Object.entries(changes).map(([file, change]) => [`viersen/${file}`, change]),
)
