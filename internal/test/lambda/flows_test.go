package lambda_test

import (
	"net/http"
	"slices"
	"time"

	apitest "github.com/iade/iade/internal/test/api"
)

// The exchanges that most flows have.
const (
	query      = "store Query" // one for each shard of the index
	getPayment = "store GetItem PAYMENT"
	putPayment = "store PutItem PAYMENT"
	getFund    = "store GetItem FUND"
	putFund    = "store PutItem FUND"
	takeSlots  = "store UpdateItem QUOTA"
	readKeys   = "secrets GetSecretValue"
	readReport = "iyzico GET /v2/reporting/payment/details"
	postRefund = "iyzico POST /payment/refund"
	postCancel = "iyzico POST /payment/cancel"

	readDayList   = "iyzico GET /v2/reporting/payment/transactions"
	appendJournal = "journal PutItem"
	putEvents     = "bus PutEvents"
)

// fundExchanges are those of a fund payment: the mark, a token, the payment, what became of it, the account of the payment
// that was made, and the note that it is there.
var fundExchanges = []string{
	getFund, putFund, takeSlots, readKeys, "iyzico POST " + sessionPath + "/retrieve/access-token", "iyzico POST " + sessionPath + "/checkout/auth", putFund,
	getPayment, putPayment, getFund, putFund,
}

// flows are all flows of the functions that write.
func flows() []*flow {
	return []*flow{
		{
			name: "refund on first contact", function: "refund", moved: sent("/payment/refund", 1),
			exchanges: []string{getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, takeSlots, postRefund, putPayment},
			arrange: func(s *scene) delivery {
				return overHTTP(s.ask("/refunds", "key", `{"paymentId":"`+s.addPayment("100.00")+`","amount":"10"}`, "not_executed"))
			},
		},
		{
			name: "refund on a known payment", function: "refund", moved: plus(1, sent("/payment/refund", 1)),
			exchanges: []string{getPayment, putPayment, takeSlots, readKeys, postRefund, putPayment},
			arrange: func(s *scene) delivery {
				p := s.addPayment("100.00")
				s.done(s.ask("/refunds", "first", `{"paymentId":"`+p+`","amount":"1"}`))
				return overHTTP(s.ask("/refunds", "key", `{"paymentId":"`+p+`","amount":"10"}`, "not_executed"))
			},
		},
		{
			name: "refund of three legs", function: "refund", moved: sent("/payment/refund", 3),
			exchanges: []string{getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, takeSlots, postRefund, putPayment, postRefund, putPayment, postRefund, putPayment},
			arrange: func(s *scene) delivery {
				p := s.addLines("50.00", "30.00", "20.00")
				return overHTTP(s.ask("/refunds", "key", `{"paymentId":"`+p+`","amount":"50","allocation":"proportional"}`, "not_executed", "partially_succeeded"))
			},
		},
		{
			name: "Refund v2", function: "refund", moved: sent("/v2/payment/refund", 1),
			finish: func(s *scene) {
				id := s.operation("key")
				eventually(s.t, "the line is known", func() bool { return s.lineKnown(id) })
			},
			exchanges: []string{getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, takeSlots, "iyzico POST /v2/payment/refund", putPayment},
			arrange: func(s *scene) delivery {
				p := s.addLines("50.00", "30.00")
				return overHTTP(s.ask("/refunds", "key", `{"paymentId":"`+p+`","amount":"20","allocation":"iyzico"}`, "not_executed"))
			},
		},
		{
			name: "cancel", function: "cancel", moved: sent("/payment/cancel", 1),
			exchanges: []string{getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, takeSlots, "iyzico POST /payment/cancel", putPayment},
			arrange: func(s *scene) delivery {
				return overHTTP(s.ask("/cancels", "key", `{"paymentId":"`+s.addPayment("100.00")+`"}`, "not_executed"))
			},
		},
		{
			// A cancel that is lost is proved absent, and the same request then goes on with the refund.
			name: "reversal", function: "cancel", moved: always(1),
			exchanges: []string{getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, takeSlots, postCancel, putPayment},
			arrange: func(s *scene) delivery {
				return overHTTP(s.ask("/reversals", "key", `{"paymentId":"`+s.addPayment("100.00")+`"}`, "not_executed"))
			},
		},
		{
			name: "reversal whose cancel iyzico refuses", function: "cancel", moved: unlessMarked(postRefund),
			exchanges: []string{
				getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, takeSlots, postCancel, putPayment,
				readReport, getPayment, putPayment, takeSlots, postRefund, putPayment,
			},
			arrange: func(s *scene) delivery {
				s.control(http.MethodPost, "/_fake/faults", `{"path":"/payment/cancel","mode":"refuse","times":1}`, nil)
				return overHTTP(s.ask("/reversals", "key", `{"paymentId":"`+s.addPayment("100.00")+`"}`, "not_executed"))
			},
		},
		{
			name: "fund payment", function: "fund", moved: andBack(sent(sessionPath+"/checkout/auth", 1)), exchanges: fundExchanges,
			arrange: func(s *scene) delivery {
				return overHTTP(s.ask("/fund-payments", "key", s.order(""), "not_executed"))
			},
			finish: (*scene).finishFundPayment,
		},
		{
			name: "init of a refund to balance", function: "refund", moved: always(1),
			exchanges: []string{getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, takeSlots, "iyzico POST /payment/refund-to-balance/init", putPayment},
			arrange: func(s *scene) delivery {
				return overHTTP(s.ask("/refunds", "balance", `{"paymentId":"`+s.addPayment("100.00")+`","destination":"balance"}`))
			},
			finish: func(s *scene) {
				reply := must(s.t)(s.do(s.customerSaysYes()))
				if reply.Status != http.StatusOK {
					s.t.Errorf("the customer sees %d %s", reply.Status, reply.Body)
				}
				s.merchantApproves()
			},
		},
		{
			name: "callback as a form", function: "balance-callback", moved: always(1), finish: (*scene).merchantApproves,
			exchanges: []string{getPayment, putPayment},
			arrange: func(s *scene) delivery {
				s.open()
				return overHTTP(s.customerSaysYes())
			},
		},
		{
			name: "callback as a link", function: "balance-callback", moved: always(1), finish: (*scene).merchantApproves,
			exchanges: []string{getPayment, putPayment},
			arrange: func(s *scene) delivery {
				s.open()
				s.control(http.MethodPut, "/_fake/settings", `{"callbackMethod":"GET"}`, nil)
				return overHTTP(s.customerSaysYes())
			},
		},
		{
			name: "a notice of iyzico's", function: "webhook", moved: always(1),
			exchanges: []string{readKeys, getPayment, takeSlots, getPayment, putPayment},
			arrange:   func(s *scene) delivery { return overHTTP(noticeOf(s.lose("reset-after"))) },
			finish: func(s *scene) {
				id := s.operation("key")
				if a := s.bare("reconcile", `{"check":"`+id+`"}`); a.Body.State != "succeeded" {
					s.t.Errorf("%+v", a)
				}
			},
		},
		{
			name: "reconcile finds what was executed", function: "reconcile", moved: always(1),
			exchanges: []string{
				query, query, query, query, getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, getPayment,
				query, query, query, query, // what is unfinished is counted
			},
			arrange: func(s *scene) delivery { return s.reconciling(s.lose("reset-after"), "succeeded") },
		},
		{
			name: "reconcile finds nothing, three times", function: "reconcile", moved: always(0),
			exchanges: []string{
				query, query, query, query, getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, getPayment,
				query, query, query, query, getPayment,
				query, query, query, query, getPayment, readReport, getPayment, putPayment, getPayment,
				query, query, query, query, getPayment,
				query, query, query, query, getPayment, readReport, getPayment, putPayment, getPayment, // the third
				takeSlots, readDayList, getPayment, getPayment, putPayment, getPayment, // the second source says the same
				query, query, query, query, getPayment,
			},
			arrange: func(s *scene) delivery {
				id := s.lose("reset-before")
				account := s.stored(id)
				time.Sleep(time.Until(account.Operation(id).Legs[0].SendBy)) // before it no read counts
				return s.reconciling(id, "not_executed")
			},
		},
		{
			name: "reconcile opens the account of a fund payment's payment", function: "reconcile", moved: andBack(always(1)),
			exchanges: []string{query, query, query, query, getFund, getFund, getPayment, putPayment, getFund, putFund, getFund, query, query, query, query},
			arrange:   (*scene).unseeded, finish: (*scene).finishFundPayment,
		},
		{
			name: "reconcile sees a refund to balance approved", function: "reconcile", moved: always(1),
			exchanges: []string{
				query, query, query, query, getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, getPayment,
				query, query, query, query, // what is unfinished is counted
			},
			arrange: func(s *scene) delivery {
				s.open()
				must(s.t)(s.do(s.customerSaysYes()))
				s.approve(s.token)
				return s.reconciling(s.operation("balance"), "succeeded")
			},
		},
		{
			name: "reconcile learns the line of a Refund v2", function: "reconcile", moved: always(1),
			exchanges: []string{
				query, query, query, query, getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, getPayment,
				query, query, query, query, // what is unfinished is counted
			},
			arrange: (*scene).unplaced,
		},
		{
			name: "operator checks over HTTP", function: "reconcile", moved: always(1),
			exchanges: []string{getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, getPayment},
			arrange: func(s *scene) delivery {
				return overHTTP(apitest.Request{Method: http.MethodPost, Path: "/operations/" + s.lose("reset-after") + "/check", Header: http.Header{}})
			},
		},
		{
			name: "operator checks by a bare command", function: "reconcile", moved: always(1),
			exchanges: []string{getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, getPayment},
			arrange:   func(s *scene) delivery { return bareCommand(`{"check":"` + s.lose("reset-after") + `"}`) },
		},
		{
			name: "operator resolves over HTTP", function: "reconcile", moved: always(1),
			exchanges: []string{getPayment, takeSlots, readKeys, readReport, getPayment, putPayment},
			arrange: func(s *scene) delivery {
				return overHTTP(command("/operations/"+s.contradict()+"/resolution", "", `{"decision":"succeeded","reason":"the bank says so","by":"op-17"}`))
			},
		},
		{
			name: "operator resolves by a bare command", function: "reconcile", moved: always(1),
			exchanges: []string{getPayment, takeSlots, readKeys, readReport, getPayment, putPayment},
			arrange: func(s *scene) delivery {
				return bareCommand(`{"resolve":{"operationId":"` + s.contradict() + `","decision":"succeeded","reason":"the bank says so","by":"op-17"}}`)
			},
		},
		{
			name: "queue of refunds", function: "refund", moved: apart("/payment/refund"),
			exchanges: []string{
				getPayment, takeSlots, readKeys, readReport, "queue GetQueueUrl", "queue ChangeMessageVisibility",
				getPayment, readReport, getPayment, putPayment, takeSlots, postRefund, putPayment,
				"queue GetQueueUrl", "queue SendMessage",
				getPayment, readReport, getPayment, putPayment, postRefund, putPayment,
			},
			arrange: (*scene).queueOfRefunds,
		},
		{
			name: "queue of cancels", function: "cancel", moved: sent("/payment/cancel", 1),
			exchanges: []string{getPayment, takeSlots, readKeys, readReport, getPayment, putPayment, takeSlots, "iyzico POST /payment/cancel", putPayment},
			arrange: func(s *scene) delivery {
				p := s.addPayment("100.00")
				s.ask("/cancels", "key", `{"paymentId":"`+p+`"}`, "not_executed")
				return s.queueing("cancel", queued{"m", eventBody(s.t, "cancel.requested", `{"paymentId":"`+p+`","idempotencyKey":"key"}`)})
			},
		},
		{
			name: "publish", function: "publish", moved: always(3), arrange: (*scene).publishing,
			// Every change comes into the journal before any event of the batch is told.
			exchanges: append(slices.Repeat([]string{appendJournal}, 18), putEvents, putEvents, putEvents, putEvents),
		},
	}
}
