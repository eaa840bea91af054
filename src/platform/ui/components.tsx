// The components of pages, in one place to import from.
export * from '#platform/ui/choice.tsx'
export * from '#platform/ui/content.tsx'
export { fieldId } from '#platform/ui/field.tsx'
export * from '#platform/ui/form.tsx'
export { QrCode } from '#platform/ui/qr.tsx'
export * from '#platform/ui/table.tsx'
