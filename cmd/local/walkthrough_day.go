package main

import "net/http"

// todayName stands for the day that it is in Istanbul.
const todayName = "$TODAY"

const titleDay = "Close the day"

// walkthroughDay holds the day against iyzico's own list. It closes a day under way, as somebody who tries iade out has no other;
// deployed the day before is closed every morning.
var walkthroughDay = []step{
	{
		title: "Refund in iyzico's panel, past iade", once: true, fake: true, method: http.MethodPost, path: "/_fake/panel-refunds",
		body: `{"paymentTransactionId":"20000001","price":"7.00"}`,
		why:  "nothing tells iade of it",
		want: answer{status: 201, members: []member{{"price", "7.00"}}},
	},
	{
		title: "Make the answer to one more refund get lost", once: true, fake: true, method: http.MethodPost,
		path: "/_fake/faults", body: `{"path":"/payment/refund","mode":"reset-after"}`,
		why:  "the refund of the next step is done, and nobody hears of it",
		want: answer{status: 201, members: []member{{"mode", "reset-after"}}},
	},
	{
		title: "Refund, and lose the answer on the day that is closed", method: http.MethodPost, path: "/refunds", key: "walk-day",
		body:  `{"paymentId":"10000001","paymentTransactionId":"20000001","amount":"3.00"}`,
		why:   "the outcome is unknown until iyzico is read",
		want:  answer{status: 202, members: []member{{"status", "unknown"}}},
		again: &answer{status: 200, header: replayed, members: []member{{"status", "succeeded"}}},
	},
	{
		title: titleDay, once: true, method: http.MethodPost, path: "/days/" + todayName + "/close",
		why: "TODAY=$(TZ=UTC-3 date +%F); iyzico's list of the day against iade's record: the panel's refund is only at iyzico, the lost answer is settled by it, and everything else agrees",
		want: answer{status: 200, members: []member{
			{"status", "differs"}, {"differenceCount", "1"}, {"differences.0.kind", "only_at_iyzico"},
			{"differences.0.paymentId", "10000001"}, {"differences.0.iyzicoAmount", "7.00"},
		}},
	},
	{
		title: "See that the lost answer is no longer unknown", method: http.MethodGet, path: operationPath("refund", "10000001", "walk-day"),
		why:  "closing read the payment again, and found the refund in its report",
		want: answer{status: 200, members: []member{{"status", "succeeded"}, {"refundedAmount", "3.00"}}},
	},
	{
		title: "Read the day", method: http.MethodGet, path: "/days/" + todayName,
		why:   "with Accept: text/csv it gives the rows of the differences",
		want:  answer{status: 200, sameAs: titleDay},
		again: &answer{status: 200, members: []member{{"status", "differs"}, {"differenceCount", "1"}}},
	},
}
