package api

import (
	"net/http"
	"slices"
	"testing"
)

// RunCore passes a target through what makes iade iade: refunds, cancels, replays, rules, lost answers and their end, fund
// payments, and a refund to balance with the customer's way back. It is for entrances that run one request a function at
// a time and are in part not ours, as `sam local start-api` is: without races, without what only a whole HTTP stack shows
// (media types, repeated headers, unknown routes), all on one system.
func RunCore(t *testing.T, target Target) {
	c := start(t, target, Options{})
	t.Run("cases", func(t *testing.T) {
		all := slices.Concat(
			badRefunds(), badBalanceRefunds(), badCancels(), badOperatorCalls(), badQueries(), order(), rules(), previews(), refunds(),
			allocations(), cancels(), replays(), foreignRefunds(), reads(), paymentsShown(), foundByConversation(), toBalance(),
		)
		inParallel(t, sideBySide, all, func(s scenario) string { return s.name }, func(t *testing.T, s scenario) { s.run(t, c) })
	})
	t.Run("lost answers", func(t *testing.T) {
		type lost struct {
			way money
			lostAnswer
		}
		var all []lost
		for _, way := range everyWay() {
			for _, answer := range everyMode() {
				if slices.Contains([]string{"reset-before", "reset-after", "truncated-after", "html-502"}, answer.fault.Mode) {
					answer.fault.Path, answer.fault.Times = way.path, 1
					all = append(all, lost{way, answer})
				}
			}
		}
		name := func(l lost) string { return l.way.path + " " + l.fault.Mode }
		inParallel(t, len(all), all, name, func(t *testing.T, l lost) { l.run(t, c, l.way) })
	})
	for name, fund := range map[string]func(*testing.T, *client){
		"a fund payment, and refunds of it": fundAndRefund, "a fund payment again": fundReplays, "what iyzico refuses of fund payments": fundRefusals,
	} {
		t.Run(name, func(t *testing.T) { fund(t, c) })
	}
	t.Run("a refund to balance", func(t *testing.T) { wholeStory(t, c) })
	t.Run("a refund to balance, back to the shop", func(t *testing.T) {
		c.fake.set(t, map[string]any{"callbackMethod": http.MethodGet})
		backToTheShop(t, c)
	})
}
