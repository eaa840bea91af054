// Drawn for this product on a grid of 24, two units wide. Colours come from the text they stand by.
const shapes = {
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v6M12 7.5v.01',
  success: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8 12.5l2.8 2.8L16 9.5',
  warning: 'M12 3.5 21.5 20h-19L12 3.5ZM12 10v4.5M12 17.2v.01',
  error: 'M8 3h8l5 5v8l-5 5H8l-5-5V8l5-5ZM12 7.5v5.5M12 16.5v.01',
  lock: 'M5 11h14v9.5H5V11ZM8 11V7.5a4 4 0 0 1 8 0V11M12 15v2',
  phone:
    'M5 3.5h4l1.8 4.6-2.3 1.6a12 12 0 0 0 5.8 5.8l1.6-2.3 4.6 1.8v4c0 .9-.7 1.5-1.5 1.5A16.5 16.5 0 0 1 3.5 5c0-.8.6-1.5 1.5-1.5Z',
  calendar: 'M4 5.5h16v15H4v-15ZM4 10h16M8 3v4M16 3v4M8 14h3',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.5 2',
  document: 'M6 3h8l4.5 4.5V21H6V3ZM14 3v4.5h4.5M9 12.5h6M9 16.5h6',
  message: 'M4 5h16v11h-9l-4.5 4v-4H4V5ZM8 9.5h8M8 12.5h5',
  video: 'M3.5 6.5h11v11h-11v-11ZM14.5 10.5l6-3v9l-6-3',
  person: 'M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6',
} as const

export type IconName = keyof typeof shapes

/** A decoration beside a text that says the same; hidden from screen readers. */
export const Icon = ({ name }: { name: IconName }) => (
  <svg class={`a-icon a-icon-${name}`} viewBox="0 0 24 24" aria-hidden="true">
    <path d={shapes[name]} />
  </svg>
)
