package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/words"
)

// getCommand shows one operation, or a payment with its operations.
func getCommand(flags *flag.FlagSet, k *call) func(context.Context) (int, error) {
	conversation := flags.Bool("conversation", false, "ID is the conversation id under which the shop asked iyzico for the payment")
	refresh := flags.Bool("refresh", false, "of a payment: read it from iyzico now")
	return func(ctx context.Context) (int, error) {
		id := k.operands[0]
		path := words.PathOf(id)
		switch {
		case *conversation:
			path = "/payments?" + url.Values{"conversationId": {id}}.Encode()
		case path != "" && *refresh:
			return exitBadFile, before(errors.New("-refresh is for a payment: iade check reads an operation"))
		case path == "" && payment.ValidIyzicoID(id):
			path = "/payments/" + id
			if *refresh {
				path += "?refresh=true"
			}
		case path == "":
			return exitBadFile, before(badID(id))
		}
		client, err := k.connect()
		if err != nil {
			return exitBadFile, err
		}
		defer client.http.CloseIdleConnections()
		if strings.HasPrefix(path, "/payments") {
			return exitDone, k.getPayment(ctx, client, path)
		}
		var op payment.Resource
		said, err := client.read(ctx, path, &op)
		if err != nil {
			return exitSomeNot, err
		}
		return exitDone, k.show(said, &op)
	}
}

func badID(id string) error {
	return fmt.Errorf("ID must be an operation's id (rf_…, cn_…, rv_…, fp_…) or a paymentId of 1 to 19 digits, not %q: a payment under your own "+
		"conversation id is found with -conversation, an order number with iade list -reference", plain(id))
}

// show writes one operation.
func (k *call) show(said []byte, op *payment.Resource) error {
	if k.asJSON {
		return k.raw(said)
	}
	for _, line := range k.tell(op, time.Now()) {
		say(k.out, "%s\n", line)
	}
	return nil
}

// paymentPage is a payment as the API shows it, also where the API is newer than payment.PaymentView.
type paymentPage struct {
	payment.PaymentView
	NotRefundable   string    `json:"notRefundable"`
	RefundableUntil time.Time `json:"refundableUntil"`
	ReadAt          time.Time `json:"readAt"`
	OtherMovements  []struct {
		Kind       string    `json:"kind"`
		RefundTxID string    `json:"refundTxId"`
		Amount     string    `json:"amount"`
		At         time.Time `json:"at"`
	} `json:"otherMovements"`
}

func (k *call) getPayment(ctx context.Context, client *client, path string) error {
	var p paymentPage
	said, err := client.read(ctx, path, &p)
	if err != nil {
		return err
	}
	if k.asJSON {
		return k.raw(said)
	}
	l := k.lang
	sum := func(name text, amount string) {
		say(k.out, "  %s %s\n", padded(name.In(l), 12), aligned(l.Amount(amount, p.Currency)))
	}
	say(k.out, "%s %s  %s  %s\n", text{"payment", "ödeme"}.In(l), plain(p.PaymentID), k.paint(bold, l.Payment(string(p.Status))), l.Time(p.PaidAt))
	sum(text{"paid", "ödenen"}, p.PaidAmount)
	sum(text{"refunded", "iade edilen"}, p.RefundedAmount)
	sum(text{"reserved", "ayrılan"}, p.ReservedAmount)
	sum(text{"refundable", "kalan"}, p.RefundableAmount)
	if p.NotRefundable != "" {
		say(k.out, "  %s: %s\n", text{"it cannot be refunded", "iade edilemez"}.In(l), plain(p.NotRefundable))
	}
	if !p.RefundableUntil.IsZero() {
		say(k.out, "  %s %s\n", text{"it can be refunded until", "iade için son gün"}.In(l), l.Day(p.RefundableUntil))
	}
	for _, m := range p.OtherMovements {
		say(k.out, "  %s: %s %s %s %s\n", text{"made past iade", "iade dışında yapıldı"}.In(l), plain(m.Kind), l.Amount(m.Amount, p.Currency), l.Time(m.At),
			plain(m.RefundTxID))
	}
	for _, line := range p.Lines {
		say(k.out, "  %s %s %s: %s %s, %s %s\n", text{"line", "satır"}.In(l), plain(line.PaymentTransactionID), plain(line.ItemID), l.Amount(line.PaidAmount, p.Currency),
			text{"paid", "ödendi"}.In(l), l.Amount(line.RefundableAmount, p.Currency), text{"refundable", "kaldı"}.In(l))
	}
	if len(p.Operations) > 0 {
		say(k.out, "\n%s\n", k.paint(bold, k.heading()))
	}
	for i := range p.Operations {
		say(k.out, "%s\n", k.row(&p.Operations[i]))
	}
	if p.NextCursor != "" {
		say(k.out, text{"there are more: iade list -payment %s", "devamı var: iade list -payment %s"}.In(l)+"\n", plain(p.PaymentID))
	}
	return nil
}
