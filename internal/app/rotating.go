package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/pkg/iyzico"
)

// rotating is a Gateway that reads iyzico's keys when they are first needed, and again after iyzico refused them: a
// rotated key takes effect without a deployment. It never sends again what was refused; the caller asks again.
type rotating struct {
	settings config.Settings
	log      *slog.Logger
	keys     func(context.Context) (Keys, error)
	pages    psp.Pages // nil = no refunds to balance

	mu      sync.Mutex
	current payment.Gateway
}

var _ payment.Gateway = (*rotating)(nil)

// keyTime bounds reading the keys, which happens before anything is sent and within the time of what is to be sent.
const keyTime = 4 * time.Second

// Send makes the call, or none where the keys cannot be read.
func (r *rotating) Send(ctx context.Context, c payment.Call) payment.Answered {
	gateway, err := r.gateway(ctx, c.Deadline)
	if err != nil {
		r.log.ErrorContext(ctx, "nothing was sent: iyzico's keys are not to be had", "operationId", c.OperationID, "error", err.Error())
		return payment.Answered{Call: c, Verdict: payment.VerdictNotSent, Failure: &payment.Failure{Reason: psp.ReasonKeysUnreadable}}
	}
	answer := gateway.Send(ctx, c)
	r.logVerdict(ctx, c, answer)
	if answer.Failure != nil && answer.Failure.Reason == iyzico.ReasonCredentials {
		r.forget(ctx, gateway)
	}
	return answer
}

// notDone names the verdicts of attempts that did not do what they were for.
var notDone = map[payment.Verdict]string{
	payment.VerdictUnknown: "unknown", payment.VerdictNotSent: "not_sent", payment.VerdictRejected: "rejected",
}

// logVerdict logs an attempt that was not done: which one it was, and in iyzico's or the client's own codes why. No text of
// iyzico's is logged, for it may quote what was sent.
func (r *rotating) logVerdict(ctx context.Context, c payment.Call, answer payment.Answered) {
	verdict, ok := notDone[answer.Verdict]
	if !ok {
		return
	}
	var reason, code string
	if answer.Failure != nil {
		reason, code = answer.Failure.Reason, answer.Failure.Code
	}
	r.log.WarnContext(ctx, "an attempt was not done", "operationId", c.OperationID, "attempt", c.Attempt,
		"verdict", verdict, "reason", reason, "iyzicoCode", code)
}

// Read reads, or says CodeUnavailable where the keys cannot be read.
func (r *rotating) Read(ctx context.Context, q payment.Query) (payment.Report, error) {
	gateway, err := r.gateway(ctx, q.Deadline)
	if err != nil {
		return payment.Report{}, &payment.Error{
			Code: payment.CodeUnavailable, Message: "iyzico cannot be read now: nothing was sent, ask again",
			Cause: fmt.Errorf("%w: %w", psp.ErrKeysUnreadable, err),
		}
	}
	report, err := gateway.Read(ctx, q)
	if psp.RefusedKeys(err) {
		r.forget(ctx, gateway)
	}
	return report, err
}

// gateway is the one with the keys read last, or reads them, before the deadline (zero = keyTime alone bounds it).
func (r *rotating) gateway(ctx context.Context, deadline time.Time) (payment.Gateway, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current != nil {
		return r.current, nil
	}
	ctx, cancel := context.WithTimeout(ctx, keyTime)
	defer cancel()
	if !deadline.IsZero() {
		var cancelEarlier context.CancelFunc
		ctx, cancelEarlier = context.WithDeadline(ctx, deadline)
		defer cancelEarlier()
	}
	keys, err := r.keys(ctx)
	if err != nil {
		return nil, err
	}
	client, err := iyzico.New(
		iyzico.Config{BaseURL: r.settings.IyzicoBaseURL, APIKey: iyzico.Secret(keys.APIKey), SecretKey: iyzico.Secret(keys.SecretKey)},
		iyzico.WithRefundToBalancePath(r.settings.RefundToBalancePath),
	)
	if err != nil {
		return nil, fmt.Errorf("make the iyzico client: %w", err)
	}
	gateway := psp.New(client, r.log, clock.Wall{}.Now)
	if r.pages != nil {
		gateway = gateway.WithPages(r.pages)
	}
	r.current = gateway
	return r.current, nil
}

// forget drops the client whose keys iyzico refused, unless somebody did so already.
func (r *rotating) forget(ctx context.Context, refused payment.Gateway) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current == refused {
		r.log.WarnContext(ctx, "iyzico refused the keys: they are read again for the next call")
		r.current = nil
	}
}
