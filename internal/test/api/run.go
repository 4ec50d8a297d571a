package api

import (
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
)

// sideBySide is how many cases of one system run at once.
const sideBySide = 8

// group is a part of the suite that runs on a system of its own.
type group struct {
	name string
	run  func(*testing.T, Target)
	slow bool // waits for the settle window or the next minute
}

func groups() []group {
	return []group{
		{"cases", cases, false},
		{"races", races, false},
		{"pages", pages, false},
		{"rate limit", rateLimit, false},
		{"own limits", ownLimits, false},
		{"a thief", thief, false},
		{"iyzico down", iyzicoDown, false},
		{"new money off", newMoneyOff, false},
		{"personal data", personalData, false},
		{"fund payments", fundPayments, false},
		{"lost fund payments", lostFundPayments, true},
		{"refused access tokens", refusedTokens, true},
		{"lost answers", lostAnswers, true},
		{"several legs", severalLegs, true},
		{"operators", operators, true},
		{"days", days, false},
		{"notices", notices, false},
		{"in the way", inTheWay, false},
		{"too many operations", tooManyOperations, false},
		{"pages of operations", pagesOfOperations, false},
		{"balance refunds", balanceRefunds, false},
		{"hidden ids", hiddenIDs, true},
		{"lagging report", laggingReport, true},
		{"marketplace", marketplace, false},
		{"charged to the merchant", chargedToMerchant, false},
		{"lost charged to the merchant", lostCharged, true},
		{"refused reversals", refusedReversals, false},
		{"lost reversals", lostReversals, true},
		{"legs go on", legsGoOn, false},
		{"refresh over the limit", refreshOverTheLimit, false},
		{"next minute", nextMinute, true},
	}
}

// Run passes a target through every case. With -short it leaves out the groups that wait for iyzico's settle window or
// for the next minute.
func Run(t *testing.T, target Target) {
	all := groups()
	if testing.Short() {
		t.Log("-short: without lost answers, lost fund payments, refused access tokens, several legs, operators, hidden ids, lagging report, lost charged to the merchant, lost reversals, next minute")
		all = slices.DeleteFunc(all, func(g group) bool { return g.slow })
	}
	inParallel(t, len(all), all, func(g group) string { return g.name }, func(t *testing.T, g group) { g.run(t, target) })
}

// cases are all that need no fault and no setting of the fake: they share one system.
func cases(t *testing.T, target Target) {
	c := start(t, target, Options{})
	all := slices.Concat(
		badRefunds(), badMarketplace(), badBalanceRefunds(), badCancels(), badKeys(), badBodies(), badMedia(), badOperatorCalls(), badQueries(), badDays(),
		order(), rules(), previews(), refunds(), allocations(), cancels(), reversals(), replays(), foreignRefunds(), reads(), paymentsShown(), foundByConversation(), histories(), routes(), toBalance(),
	)
	inParallel(t, sideBySide, all, func(s scenario) string { return s.name }, func(t *testing.T, s scenario) { s.run(t, c) })
}

var unknownPayments atomic.Int64

// unknownPayment gives an id that the fake never gives out.
func unknownPayment() string {
	return "9" + strconv.FormatInt(1_000_000_000+unknownPayments.Add(1), 10)
}
