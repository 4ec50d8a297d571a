package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/words"
)

// operation is the operand that must be an operation's id.
func (k *call) operation() (string, error) {
	id := k.operands[0]
	if words.PathOf(id) == "" {
		return "", before(fmt.Errorf("ID must be an operation's id (rf_…, cn_…, rv_…, fp_…), not %q", plain(id)))
	}
	return id, nil
}

// checkCommand settles an operation now, as far as iyzico's report does. It sends no money.
func checkCommand(_ *flag.FlagSet, k *call) func(context.Context) (int, error) {
	return func(ctx context.Context) (int, error) { return k.settle(ctx, "/check", nil) }
}

// resolveCommand records a person's decision. The same decision again changes nothing, so a lost answer is no harm.
func resolveCommand(flags *flag.FlagSet, k *call) func(context.Context) (int, error) {
	var decision struct {
		Decision string `json:"decision"`
		Reason   string `json:"reason"`
		By       string `json:"by"`
	}
	flags.StringVar(&decision.Decision, "decision", "", "`decision`: succeeded (the money moved) or not_executed (it did not, and will not: the amount is free again)")
	flags.StringVar(&decision.Reason, "reason", "", "`why`, for the record")
	flags.StringVar(&decision.By, "by", "", "an opaque `id` of the person, not a name")
	return func(ctx context.Context) (int, error) {
		switch {
		case decision.Decision != string(payment.DecideSucceeded) && decision.Decision != string(payment.DecideNotExecuted):
			return exitBadFile, before(fmt.Errorf("-decision must be succeeded or not_executed, not %q", plain(decision.Decision)))
		case decision.Reason == "":
			return exitBadFile, before(errors.New("-reason is needed"))
		case decision.By == "":
			return exitBadFile, before(errors.New("-by is needed: an id, not a name"))
		}
		body, err := json.Marshal(decision)
		if err != nil {
			return exitBadFile, before(fmt.Errorf("write decision: %w", err))
		}
		return k.settle(ctx, "/resolution", body)
	}
}

// settle asks for a change of one operation and shows it as it stands then. The exit code tells whether its end is known.
func (k *call) settle(ctx context.Context, what string, body []byte) (int, error) {
	id, err := k.operation()
	if err != nil {
		return exitBadFile, err
	}
	client, err := k.connect()
	if err != nil {
		return exitBadFile, err
	}
	defer client.http.CloseIdleConnections()
	said, err := client.ask(ctx, http.MethodPost, "/operations/"+id+what, body)
	if err != nil {
		return exitSomeNot, err
	}
	var op payment.Resource
	if err := understand(said, &op); err != nil {
		return exitSomeNot, err
	}
	code := exitDone
	if _, known := words.StatusOf(string(op.Status)); !known || op.Status.Unfinished() {
		code = exitSomeNot
	}
	return code, k.show(said, &op)
}
