//go:build race

package sim

// raceDetector makes everything many times slower, so fewer operations are run with it.
const raceDetector = true
