package sim

import (
	"slices"

	"github.com/iade/iade/internal/payment"
)

// required are the situations that a long run must contain: one that never came upon them proves nothing about them.
func required() []situation {
	all := mishaps()
	for group, names := range map[string][]string{
		sawRequest: {
			"refund of one leg", "refund of several legs", "refund by Refund v2", "refund charged to the merchant", "refund refused by a rule and recorded", "cancel",
			"cancel refused by a rule and recorded", "reversal by a cancel", "reversal by refunds", "balance_refund", "fund_payment",
		},
		sawCaller: {
			"a caller asks by the queue", "a key comes again over another entry", "a key comes again with another request",
			"a forgotten operation is found in the report", "a caller is refused because new money is off", "a caller is refused by a limit of the merchant's own", "a preview shows that a limit is in the way",
			"a limit of the day is used to the last kuruş", "an alarm is raised: contradicted", "an alarm is raised: foreign_movement", "an alarm is raised: refund_retried", "a notice has a payment read",
			"an alarm is raised: needs_review",
		},
		sawKill: {
			"before it begins", "before a load", "after a load", "before a read", "after a read", "before the save of a mark",
			"after the save of a mark", "before a request is written", "after iyzico's work, before its answer", "after iyzico's answer",
			"before the save of an answer", "after the save of an answer", "before a save", "after a save", "before a look into the index",
			"before a slot is taken", "before a load of the limits' use", "before a save of the limits' use", "after a save of the limits' use",
		},
		sawStatus: {
			"refund.succeeded", "refund.partially_succeeded", "refund.rejected", "refund.unknown", "refund.not_executed", "refund.needs_review",
			"cancel.succeeded", "cancel.rejected", "cancel.unknown", "cancel.not_executed", "cancel.needs_review",
			"reversal.succeeded", "reversal.rejected", "reversal.unknown", "reversal.not_executed", "reversal.needs_review",
			"balance_refund.awaiting_customer", "balance_refund.awaiting_merchant", "balance_refund.succeeded", "balance_refund.rejected",
			"balance_refund.needs_review", "balance_refund.expired",
			"fund_payment.succeeded", "fund_payment.rejected", "fund_payment.unknown", "fund_payment.in_review", "fund_payment.needs_review",
			"fund_payment.not_executed",
		},
		sawFault: {"our own limit of calls is used up"},
	} {
		for _, name := range names {
			all = append(all, situation{group, name})
		}
	}
	for _, l := range slices.Concat(reportLies, dayLies) {
		all = append(all, situation{sawTold, l.name})
	}
	for _, name := range doings {
		all = append(all, situation{sawCaller, name})
	}
	for _, name := range customerDoings {
		all = append(all, situation{sawCaller, name})
	}
	for _, t := range payment.Transitions {
		if _, rare := unreached[rowName(t)]; !rare {
			all = append(all, situation{sawRow, rowName(t)})
		}
	}
	return all
}

// unreached are the rows of the table of states that no run comes upon, and why.
var unreached = map[string]string{
	"not_sent → needs_review: seen (refund, cancel, reversal, balance_refund)": "iyzico would have to execute what never left, or what it refused for its limit",
	"in_review → needs_review: due (fund_payment)":                             "iyzico ends its reviews sooner than in seven days",
	"needs_review → needs_review: returned (balance_refund)":                   "changes nothing that a save could show",
	"rejected → needs_review: ok":                                              "one request has one answer",
	"rejected → needs_review: returned (balance_refund)":                       "a refused init has no page to come back from",
	"not_executed → needs_review: ok":                                          "what was answered with success is in the report before its absence could be proved",
	"not_executed → needs_review: returned (balance_refund)":                   "a refund to balance is never not_executed",
	"unknown → reserved: postponed (refund, cancel, reversal, fund_payment)":   "once in a million operations; TestEveryHistory comes upon it",
	"needs_review → succeeded: ok":                                             "rare: the report shows what was answered with success before the answer comes",
	"awaiting_customer → succeeded: resolved: done (balance_refund)":           "rare: iyzico's books show the approval before a person does",
	"expired → needs_review: conflicting (balance_refund)":                     "rare: an entry that may be its money comes after a person gave it up",
	"expired → needs_review: ok (balance_refund)":                              "an init is answered with a page, never with success",
}
