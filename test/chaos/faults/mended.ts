/** What a fault returns that has mended by itself what it broke. */
export const mended: AsyncDisposable = { [Symbol.asyncDispose]: () => Promise.resolve() }
