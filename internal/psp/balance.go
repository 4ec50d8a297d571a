package psp

import (
	"context"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico"
)

// Pages is what a refund to balance needs beside iyzico: where the customer's browser comes back to, and a form of the
// page's url that may be kept.
type Pages interface {
	// CallbackURL is the address that iyzico is given for the operation.
	CallbackURL(ctx context.Context, operationID string, now time.Time) (string, error)
	// Seal makes the url unreadable for everybody but this service.
	Seal(ctx context.Context, operationID, url string) (string, error)
}

// WithPages lets the gateway make refunds to balance; without it they are VerdictNotSent.
func (g *Gateway) WithPages(pages Pages) *Gateway {
	with := *g
	with.pages = pages
	return &with
}

// openBalancePage asks iyzico for the customer's page. Neither the token nor the readable url leaves this function.
func (g *Gateway) openBalancePage(ctx context.Context, c payment.Call) payment.Answered {
	notSent := func(reason string) payment.Answered {
		return payment.Answered{Call: c, Verdict: payment.VerdictNotSent, Failure: &payment.Failure{
			Reason: reason, Message: "the address for the customer's return could not be made",
		}}
	}
	if g.pages == nil {
		return notSent("callback-not-set")
	}
	callbackURL, err := g.pages.CallbackURL(ctx, c.OperationID, g.now())
	if err != nil {
		g.log.ErrorContext(ctx, "nothing was sent: the callback's key is not to be had", "operationId", c.OperationID, "error", err.Error())
		return notSent("callback-key-unreadable")
	}
	page, err := g.client.InitBalanceRefund(ctx, iyzico.BalanceRefundRequest{
		PaymentID: c.PaymentID, CallbackURL: callbackURL, ConversationID: c.ConversationID, Locale: c.Command.Locale,
	})
	if err != nil {
		return failed(c, err)
	}
	g.warn(ctx, c, page.Warnings)
	sealed, err := g.pages.Seal(ctx, c.OperationID, page.URL)
	if err != nil {
		g.log.ErrorContext(ctx, "iyzico's page is given up: its url could not be sealed", "operationId", c.OperationID, "error", err.Error())
		return payment.Answered{Call: c, Verdict: payment.VerdictUnknown, Failure: &payment.Failure{Reason: payment.ReasonURLNotSealed}}
	}
	return payment.Answered{Call: c, Verdict: payment.VerdictOpened, Opened: &payment.Opened{
		SealedURL: sealed, TokenHash: payment.HashToken(page.Token.Reveal()),
	}}
}
