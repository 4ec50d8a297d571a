package main

import (
	"cmp"
	"fmt"
	"time"

	"github.com/iade/iade/internal/payment"
)

// tell says in words what an operation is, what happened to its money, what to do now, and what to tell the customer.
func (k *call) tell(op *payment.Resource, now time.Time) []string {
	l := k.lang
	lines := []string{
		fmt.Sprintf("%s  %s  %s (%s)", plain(op.ID), kindWord(op.Kind, l), k.status(op.Status, 0), plain(string(op.Status))),
	}
	add := func(name text, value string) {
		if value != "" {
			lines = append(lines, "  "+padded(name.in(l), 16)+" "+value)
		}
	}
	add(text{"amount", "tutar"}, k.whole(op))
	if op.RefundedAmount != "" && op.Kind != payment.KindFundPayment {
		add(text{"given back", "geri verilen"}, l.amount(op.RefundedAmount, op.Currency))
	}
	add(text{"payment", "ödeme"}, plain(op.PaymentID))
	add(text{"line", "satır"}, plain(op.PaymentTransactionID))
	add(text{"reference", "referans"}, plain(op.Reference))
	add(text{"reason", "neden"}, plain(op.Reason))
	add(text{"asked for", "istendi"}, l.time(op.CreatedAt))
	add(text{"settled", "sonuçlandı"}, l.time(op.SettledAt))
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
			add(text{"part", "parça"}, fmt.Sprintf("%d  %s  %s  %s  %s", i+1, plain(leg.PaymentTransactionID), aligned(l.amount(leg.Amount, op.Currency)),
				k.status(leg.Status, wideStatus), plain(bank)))
		}
	}
	said, known := statusTexts[op.Status]
	if !known {
		return append(lines, "", text{
			"This program does not know this status: take the outcome for unknown, do not refund again, and use a newer iade.",
			"Bu program bu durumu tanımıyor: sonucu bilinmiyor sayın, yeniden iade etmeyin, daha yeni bir iade kullanın.",
		}.in(l))
	}
	lines = append(lines, "", k.label(text{"The money", "Para"})+" "+said.money.in(l), k.label(text{"To do", "Yapılacak"})+" "+said.do.in(l))
	return append(lines, k.label(text{"Tell the customer", "Müşteriye söyleyin"})+" "+k.customer(op, said, now))
}

func (k *call) label(name text) string { return k.paint(bold, name.in(k.lang)+":") }

// whole is the operation's amount, of a fund payment what the customer paid.
func (k *call) whole(op *payment.Resource) string {
	return k.lang.amount(cmp.Or(op.Amount, op.PaidPrice), op.Currency)
}

// customer is the paragraph for the customer.
func (k *call) customer(op *payment.Resource, said statusText, now time.Time) string {
	l := k.lang
	switch op.Status {
	case payment.StatusSucceeded:
		return k.moved(op, l.amount(op.RefundedAmount, op.Currency), now)
	case payment.StatusPartiallySucceeded:
		rest := text{" The rest has not been given back; we are looking into it and will write to you.",
			" Kalanı henüz geri verilmedi; ilgileniyoruz, size yazacağız."}
		return k.moved(op, l.amount(op.RefundedAmount, op.Currency), now) + rest.in(l)
	default:
	}
	if op.Kind != payment.KindFundPayment || op.Status == payment.StatusInReview {
		return said.customer.in(l)
	}
	if op.Status == payment.StatusRejected || op.Status == payment.StatusNotSent || op.Status == payment.StatusNotExecuted {
		return text{"Your payment was not taken, and nothing was debited.", "Ödemeniz alınmadı, hesabınızdan bir tutar çekilmedi."}.in(l)
	}
	return text{"We are checking whether your payment was taken. Please do not pay again; we will write to you.",
		"Ödemenizin alınıp alınmadığını kontrol ediyoruz. Lütfen yeniden ödemeyin; size yazacağız."}.in(l)
}

// moved is what the customer is told of money that moved.
func (k *call) moved(op *payment.Resource, amount string, now time.Time) string {
	l, on := k.lang, op.SettledAt
	if on.IsZero() {
		on = op.UpdatedAt
	}
	cancelled := op.Kind == payment.KindCancel || op.Kind == "reversal" && len(op.Legs) > 0 && op.Legs[0].Iyzico != nil &&
		op.Legs[0].Status == payment.StatusSucceeded && op.Legs[0].Iyzico.CancelHostReference != ""
	switch {
	case op.Kind == payment.KindFundPayment:
		return fmt.Sprintf(text{"Your payment of %s was received on %s.", "%s tutarındaki ödemeniz %s tarihinde alındı."}.in(l), k.whole(op), l.day(on))
	case op.Kind == payment.KindBalanceRefund:
		return fmt.Sprintf(text{"We gave %s back to your iyzico balance on %s; you can see it at iyzico.",
			"%s tutarı %s tarihinde iyzico bakiyenize iade ettik; iyzico hesabınızda görebilirsiniz."}.in(l), amount, l.day(on))
	case cancelled:
		return fmt.Sprintf(text{"We cancelled your payment of %s on %s. It will not appear on your card's statement.%s",
			"%s tutarındaki ödemenizi %s tarihinde iptal ettik. Kart ekstrenizde görünmez.%s"}.in(l), amount, l.day(on), k.reference(op))
	}
	return fmt.Sprintf(text{"We gave %s back to your card on %s. When it appears on your card depends on your bank and typically takes a few days; %s have passed.%s",
		"%s tutarı %s tarihinde kartınıza iade ettik. Kartınıza yansıması bankanıza bağlıdır, genellikle birkaç gün sürer; %s geçti.%s"}.in(l),
		amount, l.day(on), k.daysSince(on, now), k.reference(op))
}

func (k *call) reference(op *payment.Resource) string {
	if op.CustomerReference == "" {
		return text{" The bank has given no reference.", " Banka referans vermedi."}.in(k.lang)
	}
	return fmt.Sprintf(text{" If you cannot find it, give your bank this reference: %s.", " Göremezseniz bankanıza bu referansı verin: %s."}.in(k.lang),
		plain(op.CustomerReference))
}

// daysSince counts the days of Istanbul that began since then.
func (k *call) daysSince(then, now time.Time) string {
	day := func(t time.Time) time.Time {
		y, m, d := t.In(istanbul()).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	switch n := max(0, int(day(now).Sub(day(then))/(24*time.Hour))); {
	case k.lang == turkish:
		return fmt.Sprintf("%d gün", n)
	case n == 1:
		return "1 day"
	default:
		return fmt.Sprintf("%d days", n)
	}
}
