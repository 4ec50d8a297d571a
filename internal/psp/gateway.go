// Package psp is payment.Gateway on pkg/iyzico: mapping only, with our own quota as a decorator. Every rule about money
// is in internal/payment, every verdict about an answer in pkg/iyzico.
package psp

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico"
)

// Gateway sends payment calls through an iyzico client. It is safe for concurrent use.
type Gateway struct {
	Reader
	client *iyzico.Client
	log    *slog.Logger
	pages  Pages // nil = no refunds to balance
}

var _ payment.Gateway = (*Gateway)(nil)

// New makes a Gateway. log gets the client's warnings, with ids only; now is the wall clock.
func New(client *iyzico.Client, log *slog.Logger, now func() time.Time) *Gateway {
	return &Gateway{Reader: NewReader(client, now), client: client, log: log}
}

// Send makes the call's one request before its deadline. It never fails: what is not proved is VerdictUnknown.
func (g *Gateway) Send(ctx context.Context, c payment.Call) payment.Answered {
	ctx, cancel := context.WithDeadline(ctx, c.Deadline)
	defer cancel()
	switch c.API {
	case payment.APIRefund:
		return g.refund(ctx, c)
	case payment.APIRefundChargedToMerchant:
		return g.refundCharged(ctx, c)
	case payment.APIRefundV2:
		return g.refundV2(ctx, c)
	case payment.APICancel:
		return g.cancel(ctx, c)
	case payment.APIBalanceInit:
		return g.openBalancePage(ctx, c)
	case payment.APIFund:
		return g.fund(ctx, c)
	}
	return payment.Answered{
		Call: c, Verdict: payment.VerdictNotSent,
		Failure: &payment.Failure{Reason: payment.ReasonUnsupported, Message: "this version makes no call of the kind " + string(c.API)},
	}
}

func (g *Gateway) refund(ctx context.Context, c payment.Call) payment.Answered {
	done, err := g.client.Refund(ctx, refundOfLine(c))
	if err != nil {
		return failed(c, err)
	}
	return g.refunded(ctx, c, done)
}

func (g *Gateway) refundCharged(ctx context.Context, c payment.Call) payment.Answered {
	done, err := g.client.RefundChargedToMerchant(ctx, refundOfLine(c))
	if err != nil {
		return failed(c, err)
	}
	return g.refunded(ctx, c, done)
}

func refundOfLine(c payment.Call) iyzico.RefundRequest {
	return iyzico.RefundRequest{
		PaymentTransactionID: c.LineID, Price: c.Amount.Decimal(), Currency: string(c.Amount.Currency()),
		ConversationID: c.ConversationID, IP: c.Command.IP, Locale: c.Command.Locale, Reason: c.Command.Reason,
		Description: c.Command.Description, ExpectedPaymentID: c.PaymentID,
	}
}

func (g *Gateway) refundV2(ctx context.Context, c payment.Call) payment.Answered {
	done, err := g.client.RefundPayment(ctx, iyzico.RefundPaymentRequest{
		PaymentID: c.PaymentID, Price: c.Amount.Decimal(), Currency: string(c.Amount.Currency()),
		ConversationID: c.ConversationID, IP: c.Command.IP, Locale: c.Command.Locale,
	})
	if err != nil {
		return failed(c, err)
	}
	return g.refunded(ctx, c, done)
}

func (g *Gateway) refunded(ctx context.Context, c payment.Call, done *iyzico.Refund) payment.Answered {
	g.warn(ctx, c, done.Warnings)
	return payment.Answered{Call: c, Verdict: payment.VerdictSucceeded, Proof: payment.Proof{
		AuthCode: done.AuthCode, HostReference: done.HostReference, RefundHostReference: done.RefundHostReference,
		SignatureVerified: done.SignatureVerified,
	}}
}

func (g *Gateway) cancel(ctx context.Context, c payment.Call) payment.Answered {
	done, err := g.client.Cancel(ctx, iyzico.CancelRequest{
		PaymentID: c.PaymentID, ConversationID: c.ConversationID, IP: c.Command.IP, Locale: c.Command.Locale,
		Reason: c.Command.Reason, Description: c.Command.Description,
		ExpectedPrice: c.Amount.Decimal(), ExpectedCurrency: string(c.Amount.Currency()),
	})
	if err != nil {
		return failed(c, err)
	}
	g.warn(ctx, c, done.Warnings)
	return payment.Answered{Call: c, Verdict: payment.VerdictSucceeded, Proof: payment.Proof{
		AuthCode: done.AuthCode, HostReference: done.HostReference, CancelHostReference: done.CancelHostReference,
	}}
}

func (g *Gateway) warn(ctx context.Context, c payment.Call, warnings []string) {
	if len(warnings) > 0 {
		g.log.WarnContext(ctx, "iyzico's answer is odd", "operationId", c.OperationID, "attempt", c.Attempt, "warnings", warnings)
	}
}

// failed maps the client's outcome. Anything that is not its own error is unknown.
func failed(c payment.Call, err error) payment.Answered {
	answer := payment.Answered{Call: c, Verdict: payment.VerdictUnknown, Failure: &payment.Failure{Reason: payment.ReasonTransport}}
	var e *iyzico.Error
	if !errors.As(err, &e) {
		return answer
	}
	answer.RetryAfter = e.RetryAfter
	answer.Failure = &payment.Failure{
		Reason: e.Reason, Code: bounded(e.Code, 20), Message: scrub(e.Message), Group: bounded(e.Group, 50), Retryable: e.Retryable,
	}
	switch e.Outcome {
	case iyzico.NotSent:
		answer.Verdict = payment.VerdictNotSent
	case iyzico.Rejected:
		answer.Verdict = payment.VerdictRejected
	case iyzico.Unknown, iyzico.Succeeded:
	}
	return answer
}
