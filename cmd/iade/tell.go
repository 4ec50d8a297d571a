package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/words"
)

// tell says in words what an operation is, what happened to its money, what to do now, and what to tell the customer.
func (k *call) tell(op *payment.Resource, now time.Time) []string {
	l := k.lang
	lines := []string{
		fmt.Sprintf("%s  %s  %s (%s)", plain(op.ID), l.Kind(string(op.Kind)), k.status(op.Status, 0), plain(string(op.Status))),
	}
	add := func(name text, value string) {
		if value != "" {
			lines = append(lines, "  "+padded(name.In(l), 16)+" "+value)
		}
	}
	add(text{"amount", "tutar"}, k.whole(op))
	if op.RefundedAmount != "" && op.Kind != payment.KindFundPayment {
		add(text{"given back", "geri verilen"}, l.Amount(op.RefundedAmount, op.Currency))
	}
	add(text{"payment", "ödeme"}, plain(op.PaymentID))
	add(text{"line", "satır"}, plain(op.PaymentTransactionID))
	add(text{"reference", "referans"}, plain(op.Reference))
	add(text{"reason", "neden"}, plain(op.Reason))
	add(text{"asked for", "istendi"}, l.Time(op.CreatedAt))
	add(text{"settled", "sonuçlandı"}, l.Time(op.SettledAt))
	if op.ChargedTo != "" {
		add(text{"charged to", "ödeyen"}, text{"the merchant, not the seller", "satıcı değil, üye iş yeri"}.In(l))
	}
	add(text{"bank reference", "banka referansı"}, plain(op.CustomerReference))
	if op.Error != nil {
		add(text{"why", "neden böyle"}, plain(op.Error.Code+": "+op.Error.Message))
	}
	if len(op.Legs) > 1 {
		for i, leg := range op.Legs {
			bank := ""
			if leg.Iyzico != nil {
				bank = cmp.Or(leg.Iyzico.RefundHostReference, leg.Iyzico.CancelHostReference, leg.Iyzico.HostReference)
			}
			add(text{"part", "parça"}, fmt.Sprintf("%d  %s  %s  %s  %s", i+1, plain(leg.PaymentTransactionID), aligned(l.Amount(leg.Amount, op.Currency)),
				k.status(leg.Status, wideStatus), plain(bank)))
		}
	}
	said, known := words.StatusOf(string(op.Status))
	if !known {
		return append(lines, "", words.Newer.In(l))
	}
	lines = append(lines, "", k.label(text{"The money", "Para"})+" "+said.Money.In(l), k.label(text{"To do", "Yapılacak"})+" "+said.Do.In(l))
	return append(lines, k.label(text{"Tell the customer", "Müşteriye söyleyin"})+" "+k.customer(op, now))
}

func (k *call) label(name text) string { return k.paint(bold, name.In(k.lang)+":") }

// whole is the operation's amount, of a fund payment what the customer paid.
func (k *call) whole(op *payment.Resource) string {
	return k.lang.Amount(cmp.Or(op.Amount, op.PaidPrice), op.Currency)
}

// customer is the paragraph for the customer.
func (k *call) customer(op *payment.Resource, now time.Time) string {
	cancelled := op.Kind == payment.KindCancel || op.Kind == "reversal" && len(op.Legs) > 0 && op.Legs[0].Iyzico != nil &&
		op.Legs[0].Status == payment.StatusSucceeded && op.Legs[0].Iyzico.CancelHostReference != ""
	return k.lang.Customer(words.Movement{
		Kind: string(op.Kind), Status: string(op.Status), WholeAmount: cmp.Or(op.Amount, op.PaidPrice), RefundedAmount: op.RefundedAmount, Currency: op.Currency,
		CustomerReference: op.CustomerReference, SettledAt: op.SettledAt, UpdatedAt: op.UpdatedAt, Cancelled: cancelled,
	}, now)
}
