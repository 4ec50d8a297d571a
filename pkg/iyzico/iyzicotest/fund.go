package iyzicotest

import "github.com/shopspring/decimal"

// FundItem is one basket item of a payment from a balance.
type FundItem struct {
	ID    string
	Price decimal.Decimal
}

// FundRequest asks for a payment from a member's balance (docs/iyzico.md P4).
type FundRequest struct {
	ConversationID   string
	SessionToken     string
	MemberIdentifier string
	AccessToken      string
	PaymentType      string
	Price            decimal.Decimal
	PaidPrice        decimal.Decimal
	Currency         string
	BasketID         string
	Items            []FundItem
}

// FundPay takes PaidPrice from the session's balance and makes a payment whose lines share it by price. It refuses
// amounts that are not above zero, a price that is not the sum of its items, unknown, passive and mismatched sessions,
// a stale access token, another currency, and a balance that is too small (10051). In review (fraudStatus 0) the balance
// is held, and the payment is executed when the review ends well.
func (l *Ledger) FundPay(r FundRequest) (Payment, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s, refusal := l.session(r.SessionToken, r.MemberIdentifier)
	if refusal == nil {
		refusal = l.fundRefusal(s, r)
	}
	if refusal != nil {
		return Payment{}, refusal
	}
	at, created := l.now()
	p := Payment{
		ConversationID: r.ConversationID,
		BasketID:       r.BasketID,
		Currency:       s.Currency,
		Price:          r.Price,
		PaidPrice:      r.PaidPrice,
		PaymentStatus:  PaymentSuccess,
		FraudStatus:    s.FraudStatus,
		Phase:          PhaseAuth,
		CreatedAt:      created,
		SessionToken:   s.SessionToken,
		CheckoutToken:  s.CheckoutToken,
		Path:           PathFundPayment,
	}
	prices := make([]decimal.Decimal, len(r.Items))
	for i, item := range r.Items {
		prices[i] = item.Price
	}
	for i, paid := range Spread(r.PaidPrice, prices) {
		p.Lines = append(p.Lines, Line{ItemID: r.Items[i].ID, Price: prices[i], PaidPrice: paid})
	}
	l.number(&p)
	if err := l.commit(Entry{Kind: EntryPayment, At: at, CreatedAt: created, Payment: &p}); err != nil {
		return Payment{}, err
	}
	return p.clone(), nil
}

func (l *Ledger) fundRefusal(s *Session, r FundRequest) *Refusal {
	if refusal := l.checkAccessToken(r.SessionToken, r.AccessToken); refusal != nil {
		return refusal
	}
	if !validPrice(r.Price) || !validPrice(r.PaidPrice) || len(r.Items) == 0 {
		return refuse(CodeInvalidRequest)
	}
	var sum decimal.Decimal
	for _, item := range r.Items {
		if !validPrice(item.Price) {
			return refuse(CodeInvalidRequest)
		}
		sum = sum.Add(item.Price)
	}
	switch {
	case !sum.Equal(r.Price):
		return refuse(CodeItemsSum)
	case !s.Active:
		return refuse(CodeSessionPassive)
	case r.PaymentType != PaymentTypeFund || s.PaymentType != PaymentTypeFund:
		return refuse(CodePaymentTypeMismatch)
	case r.Currency != "" && r.Currency != s.Currency:
		return refuse(CodeCurrencyMismatch)
	case s.FraudStatus == FraudRejected:
		return refuse(CodeNotCharged)
	case r.PaidPrice.GreaterThan(s.Balance):
		return refuse(CodeNotSufficientFunds)
	}
	return nil
}

// Spread shares a paid amount over items in proportion to their prices, each share floored to eight decimals, the rest
// with the last, so that the shares sum exactly to paid. Prices are above zero. 1.2 over 0.3 and 0.7 is 0.36 and 0.84.
func Spread(paid decimal.Decimal, prices []decimal.Decimal) []decimal.Decimal {
	var total decimal.Decimal
	for _, price := range prices {
		total = total.Add(price)
	}
	shares := make([]decimal.Decimal, len(prices))
	left := paid
	for i, price := range prices {
		share := left
		if i < len(prices)-1 {
			quotient, _ := paid.Mul(price).QuoRem(total, 8)
			share = quotient
		}
		shares[i] = share
		left = left.Sub(share)
	}
	return shares
}
