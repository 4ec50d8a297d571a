package sim

import (
	"context"
	"errors"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// gateway is payment.Gateway straight on the Ledger: it reads through the mapping of internal/psp, and sends without the wire.
type gateway struct{ k *worker }

// What may become of a money request.
const (
	sendAnswered = iota // executed (or refused by iyzico's rules), and the answer arrives
	sendAnswerLost
	sendLost
	sendLate     // the connection breaks, iyzico executes it later
	sendDeclined // a listed code, nothing executed
	sendRefusedBefore
	sendSlow
	sendTryLater // a refusal that iyzico calls retryable: it may carry the refund out by itself later
	sendLied     // executed, and refused with a listed code that says it was not: only in a plan that allows for it
	sendOutcomes
)

// Send makes at most one money request. The deadline is looked at right before the write, as in pkg/iyzico.
func (g gateway) Send(_ context.Context, c payment.Call) payment.Answered {
	k, w := g.k, g.k.world
	k.heldBack(c)
	k.at = "before a request is written"
	k.pause()
	if w.fault(2, askWrite) == 1 {
		k.log("is frozen right before the write of %s", c.ConversationID)
		k.sleep(2 * w.plan.window)
	}
	if k.now().After(c.Deadline) && w.flaw != sendsTooLate {
		k.log("%s is not sent: its deadline has passed", c.ConversationID)
		return payment.Answered{Verdict: payment.VerdictNotSent, Failure: &payment.Failure{Reason: "deadline-before-write"}}
	}
	n := sendOutcomes
	if !w.plan.lies {
		n = sendLied
	}
	outcome := w.fault(n, askSend)
	if w.loses {
		outcome, w.loses = sendLost, false
	}
	if outcome == sendRefusedBefore {
		if w.flaw == limitLeaks {
			_ = w.execute(k.name, c)
		}
		k.log("%s is not sent: rate limit", c.ConversationID)
		return payment.Answered{
			Verdict: payment.VerdictNotSent, RetryAfter: 20 * time.Second, Failure: &payment.Failure{Reason: "rate-limited", Code: "50000"},
		}
	}
	k.sends++
	w.check.wrote(c)
	w.beginLying()
	answer := g.deliver(c, outcome)
	k.at = "after iyzico's answer"
	k.settled()
	answer.Call = c
	k.answer = &answer
	return answer
}

// deliver is what happens once the request is on the wire.
func (g gateway) deliver(c payment.Call, outcome int) payment.Answered {
	k, w := g.k, g.k.world
	deadline := c.Deadline.Add(-k.skew) // in true time
	lost := payment.Answered{Verdict: payment.VerdictUnknown, Failure: &payment.Failure{Reason: "connection-lost"}}
	if w.flaw == inventsSuccess {
		lost.Verdict = payment.VerdictSucceeded
	}
	if w.flaw == lostIsNotSent {
		lost.Verdict = payment.VerdictNotSent
	}
	switch outcome {
	case sendLost:
		k.log("%s is lost on the way", c.ConversationID)
		return lost
	case sendLate:
		k.log("%s loses its connection", c.ConversationID)
		w.executeLater(c, deadline)
		return lost
	case sendTryLater:
		code := []string{"10246", "10223", "8514"}[w.choose(3, askCode)]
		k.log("iyzico refuses %s with %s: to be tried later", c.ConversationID, code)
		if c.API != payment.APIBalanceInit && c.API != payment.APIFund && w.choose(2, askHowLate) == 1 {
			w.executeLater(c, deadline)
		}
		if w.flaw == takesLaterForNo {
			return rejected(code)
		}
		return payment.Answered{Verdict: payment.VerdictUnknown, Failure: &payment.Failure{Reason: "unclear-code", Code: code}}
	case sendDeclined:
		k.log("%s is declined", c.ConversationID)
		return rejected("10220")
	}
	refusal := w.execute(k.name, c)
	k.at = "after iyzico's work, before its answer"
	switch outcome {
	case sendAnswerLost:
		k.log("the answer to %s is lost", c.ConversationID)
		if w.flaw == sendsTwice {
			_ = w.execute(k.name+" (again)", c)
		}
		return lost
	case sendLied:
		k.log("iyzico says that it declined %s", c.ConversationID)
		return rejected("10220")
	case sendSlow:
		k.sleep(15 * time.Second)
	default:
		k.settled()
	}
	if k.now().After(c.Deadline) {
		k.log("the answer to %s comes too late to be read", c.ConversationID)
		return lost
	}
	if refusal != nil {
		k.log("%s is refused: %s", c.ConversationID, refusal.Code)
		if refusal.Code == iyzicotest.CodeNotSufficientFunds || refusal.Code == iyzicotest.CodeStandardMerchantsOnly {
			return rejected(refusal.Code)
		}
		// The Ledger's own codes are in no public list, so a client cannot know what they say of the money.
		return payment.Answered{Verdict: payment.VerdictUnknown, Failure: &payment.Failure{Reason: "unlisted-code", Code: refusal.Code}}
	}
	if c.API == payment.APIBalanceInit {
		return w.pageAnswer(c)
	}
	if c.API == payment.APIFund {
		return w.fundAnswer(c)
	}
	return payment.Answered{
		Verdict: payment.VerdictSucceeded,
		Proof:   payment.Proof{HostReference: "mock00007iyzihostrfn", SignatureVerified: c.API != payment.APICancel},
	}
}

// executeLater lets iyzico execute a request that nobody waits for any more.
func (w *world) executeLater(c payment.Call, deadline time.Time) {
	at := []time.Time{
		w.clock.now.Add(2 * time.Second), deadline.Add(w.plan.window / 3), deadline.Add(w.plan.latest()),
	}[w.choose(3, askHowLate)]
	w.log("iyzico", "will execute %s %s later", c.ConversationID, at.Sub(w.clock.now).Round(time.Second))
	w.late[c.OperationID]++
	w.clock.later(at, func() {
		w.late[c.OperationID]--
		_ = w.execute("iyzico (late)", c) // nobody is there to be told of a refusal
	})
}

func rejected(code string) payment.Answered {
	return payment.Answered{
		Verdict: payment.VerdictRejected, Failure: &payment.Failure{Reason: "refused", Code: code, Group: "DECLINED", Message: "declined"},
	}
}

// execute lets iyzico work on the request.
func (w *world) execute(who string, c payment.Call) *iyzicotest.Refusal {
	price, currency := c.Amount.Decimal(), string(c.Amount.Currency())
	var err error
	switch c.API {
	case payment.APIRefund:
		_, err = w.ledger.Refund(iyzicotest.RefundRequest{
			ConversationID: c.ConversationID, PaymentTransactionID: c.LineID, Price: price, Currency: currency,
		})
	case payment.APIRefundChargedToMerchant:
		_, err = w.ledger.RefundChargedToMerchant(iyzicotest.RefundRequest{
			ConversationID: c.ConversationID, PaymentTransactionID: c.LineID, Price: price, Currency: currency,
		})
	case payment.APIRefundV2:
		_, err = w.ledger.RefundV2(iyzicotest.RefundV2Request{
			ConversationID: c.ConversationID, PaymentID: c.PaymentID, Price: price, Currency: currency,
		})
	case payment.APICancel:
		_, err = w.ledger.Cancel(iyzicotest.CancelRequest{ConversationID: c.ConversationID, PaymentID: c.PaymentID})
	case payment.APIBalanceInit:
		err = w.openPage(c)
	case payment.APIFund:
		err = w.fundPay(c)
	}
	var refusal *iyzicotest.Refusal
	if err != nil && !errors.As(err, &refusal) {
		w.check.violated("the model holds", c.PaymentID, "%s: %v", c.ConversationID, err)
	}
	if c.API == payment.APIBalanceInit {
		if refusal == nil {
			w.log(who, "iyzico opens a page for %s", c.ConversationID)
		} else {
			w.log(who, "iyzico opens no page for %s: %s", c.ConversationID, refusal.Message)
		}
		return refusal // no money moves before the merchant's approval
	}
	if refusal == nil {
		w.stats.Executions++
		w.log(who, "iyzico executes %s: %s %s", c.ConversationID, c.API, c.Amount)
		w.check.executed(c)
	} else {
		w.check.refused(c, refusal)
		w.log(who, "iyzico refuses %s: %s", c.ConversationID, refusal.Message)
	}
	account := w.memory.peek(c.Account)
	account.PaymentID = c.PaymentID
	w.check.covered(&account)
	return refusal
}
