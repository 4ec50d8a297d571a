package words

import (
	"fmt"
	"time"
)

// Movement is what the customer is told about: an operation as the API shows it, less what names nobody and helps nobody.
type Movement struct {
	Kind, Status      string
	WholeAmount       string // what was asked for, of a fund payment what the customer paid
	RefundedAmount    string
	Currency          string
	CustomerReference string // the bank's
	SettledAt         time.Time
	UpdatedAt         time.Time
	Cancelled         bool // the money went back by a cancel
}

// Customer is the paragraph for the customer.
func (l Language) Customer(m Movement, now time.Time) string {
	said, known := statusTexts[m.Status]
	switch {
	case !known:
		return notYet.In(l)
	case m.Status == "succeeded":
		return l.moved(m, now)
	case m.Status == "partially_succeeded":
		return l.moved(m, now) + Text{" The rest has not been given back; we are looking into it and will write to you.",
			" Kalanı henüz geri verilmedi; ilgileniyoruz, size yazacağız."}.In(l)
	case m.Kind != "fund_payment" || m.Status == "in_review":
		return said.Customer.In(l)
	case m.Status == "rejected" || m.Status == "not_sent" || m.Status == "not_executed":
		return Text{"Your payment was not taken, and nothing was debited.", "Ödemeniz alınmadı, hesabınızdan bir tutar çekilmedi."}.In(l)
	}
	return Text{"We are checking whether your payment was taken. Please do not pay again; we will write to you.",
		"Ödemenizin alınıp alınmadığını kontrol ediyoruz. Lütfen yeniden ödemeyin; size yazacağız."}.In(l)
}

// moved is what the customer is told of money that moved.
func (l Language) moved(m Movement, now time.Time) string {
	on, amount := m.SettledAt, l.Amount(m.RefundedAmount, m.Currency)
	if on.IsZero() {
		on = m.UpdatedAt
	}
	switch {
	case m.Kind == "fund_payment":
		return fmt.Sprintf(Text{"Your payment of %s was received on %s.", "%s tutarındaki ödemeniz %s tarihinde alındı."}.In(l), l.Amount(m.WholeAmount, m.Currency), l.Day(on))
	case m.Kind == "balance_refund":
		return fmt.Sprintf(Text{"We gave %s back to your iyzico balance on %s; you can see it at iyzico.",
			"%[2]s tarihinde iyzico bakiyenize %[1]s iade ettik; iyzico hesabınızda görebilirsiniz."}.In(l), amount, l.Day(on))
	case m.Cancelled:
		return fmt.Sprintf(Text{"We cancelled your payment of %s on %s. It will not appear on your card's statement.%s",
			"%s tutarındaki ödemenizi %s tarihinde iptal ettik. Kart ekstrenizde görünmez.%s"}.In(l), amount, l.Day(on), l.reference(m))
	}
	return fmt.Sprintf(Text{"We gave %s back to your card on %s. When it appears on your card depends on your bank and typically takes a few days%s.%s",
		"%[2]s tarihinde kartınıza %[1]s iade ettik. Kartınıza yansıması bankanıza bağlıdır, genellikle birkaç gün sürer%[3]s.%[4]s"}.In(l),
		amount, l.Day(on), l.daysPassed(on, now), l.reference(m))
}

func (l Language) reference(m Movement) string {
	if m.CustomerReference == "" {
		return Text{" The bank has given no reference.", " Banka referans vermedi."}.In(l)
	}
	return fmt.Sprintf(Text{" If you cannot find it, give your bank this reference: %s.", " Göremezseniz bankanıza bu referansı verin: %s."}.In(l),
		Plain(m.CustomerReference))
}

// daysPassed says how many days of Istanbul began since then; nothing on the same day.
func (l Language) daysPassed(then, now time.Time) string {
	day := func(t time.Time) time.Time {
		y, m, d := t.In(Istanbul()).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	switch n := int(day(now).Sub(day(then)) / (24 * time.Hour)); {
	case n <= 0:
		return ""
	case n == 1:
		return Text{"; 1 day has passed", "; 1 gün geçti"}.In(l)
	default:
		return fmt.Sprintf(Text{"; %d days have passed", "; %d gün geçti"}.In(l), n)
	}
}
