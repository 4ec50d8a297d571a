package failures

import (
	"testing"

	"github.com/iade/iade/internal/payment"
)

// way is one way to move money by one request.
type way struct {
	name string
	path string
	ask  func(w *world) *asked
	lost payment.Status // what it ends as if iyzico never did it, and nobody got an answer
}

// ways are those whose lost answers are settled by reading.
var ways = []way{
	{"refund", refundPath, func(w *world) *asked { return w.refund(w.payment(), "10.00") }, payment.StatusNotExecuted},
	{"refund v2", refundV2Path, func(w *world) *asked { return w.refund(w.payment(), "10.00", `,"allocation":"iyzico"`) }, payment.StatusNotExecuted},
	{"cancel", cancelPath, func(w *world) *asked { return w.cancel(w.payment()) }, payment.StatusNotExecuted},
	// That iyzico lists a refund charged to the merchant is not documented: absence proves nothing, a person decides.
	{"refund charged to the merchant", chargePath, func(w *world) *asked { return w.refund(w.payment(), "10.00", `,"chargedTo":"merchant"`) }, payment.StatusNeedsReview},
	// That iyzico keeps a fund payment's conversationId is not documented: absence proves nothing, a person decides.
	{"fund payment", fundPath, func(w *world) *asked { return w.fund() }, payment.StatusNeedsReview},
}

// playedWays are all of them, or with -short one: the race detector looks at concurrency, which does not depend on the way.
func playedWays() []way {
	if testing.Short() {
		return ways[:1]
	}
	return ways
}

// everyWay plays one scenario for every way.
func everyWay(t *testing.T, scenario func(t *testing.T, w *world, x way), options ...option) {
	t.Helper()
	for _, x := range playedWays() {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			play(t, func(w *world) { scenario(w.t, w, x) }, options...)
		})
	}
}
