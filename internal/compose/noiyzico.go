package compose

import (
	"context"

	"github.com/iade/iade/internal/payment"
)

// noIyzico is the gateway of a process that must never reach iyzico, as the one that customers' browsers come back to.
type noIyzico struct{}

var errNoAccess = &payment.Error{Code: payment.CodeUnavailable, Message: "this function has no access to iyzico"}

// Send sends nothing.
func (noIyzico) Send(_ context.Context, c payment.Call) payment.Answered {
	return payment.Answered{Call: c, Verdict: payment.VerdictNotSent, Failure: &payment.Failure{Reason: payment.ReasonNoAccess}}
}

// Read reads nothing: CodeUnavailable.
func (noIyzico) Read(context.Context, payment.Query) (payment.Report, error) {
	return payment.Report{}, errNoAccess
}

// ReadDay reads nothing: CodeUnavailable.
func (noIyzico) ReadDay(context.Context, payment.DayQuery) (payment.DayList, error) {
	return payment.DayList{}, errNoAccess
}
