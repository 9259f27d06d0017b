/** Node fires a timer that is set further ahead than this, about 24 days, at once. */
export const longestTimerMs = 2 ** 31 - 1
