package iyzicotest

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// paymentSignature is the documented order for a payment and its detail (docs/iyzico.md §6). For the payment from a balance
// iyzico documents none (docs/iyzico.md §4.1): this model uses the same order, and shows the basketId that was sent, which
// docs/iyzico.md P4's table of response parameters names and its example lacks.
var paymentSignature = []string{"paymentId", "currency", "basketId", "conversationId", "paidPrice", "price"}

// auth is a card payment, as far as refunds need one: amounts, basket, ids. Cards are not looked at, and nothing about
// card and buyer is kept.
func (s *Server) auth(c *call) answer {
	price, items, refusal := basket(c.body)
	if refusal != nil {
		return s.failure(c, refusal)
	}
	paidPrice, refusal := c.body.amount("paidPrice")
	if refusal != nil {
		return s.failure(c, refusal)
	}
	if !validPrice(paidPrice) {
		return s.failure(c, refuse(CodeInvalidRequest))
	}
	spec := PaymentSpec{
		Currency:       c.body.text("currency"),
		ConversationID: c.body.text("conversationId"),
		BasketID:       c.body.text("basketId"),
		Path:           PathAuth,
	}
	prices := make([]decimal.Decimal, len(items))
	var sum decimal.Decimal
	for i, item := range items {
		prices[i] = item.Price
		sum = sum.Add(item.Price)
	}
	if !sum.Equal(price) {
		return s.failure(c, refuse(CodeItemsSum))
	}
	for i, paid := range Spread(paidPrice, prices) {
		spec.Lines = append(spec.Lines, LineSpec{ItemID: items[i].ID, Price: prices[i], PaidPrice: paid})
	}
	p, err := s.ledger.AddPayment(spec)
	if err != nil {
		return s.fail(c, err)
	}
	o := append(s.envelope(c, "success"), paymentFields(p, p.ID)...)
	return answer{body: o, signed: paymentSignature, outcome: OutcomeExecuted, paymentID: p.ID}
}

// basket reads price and basket items, which every payment has.
func basket(f fields) (decimal.Decimal, []FundItem, *Refusal) {
	price, refusal := f.amount("price")
	if refusal != nil {
		return price, nil, refusal
	}
	list, ok := f.list("basketItems")
	if !ok || len(list) == 0 {
		return price, nil, refuse(CodeFieldMissing)
	}
	items := make([]FundItem, len(list))
	for i, item := range list {
		if refusal := item.require("id"); refusal != nil {
			return price, nil, refusal
		}
		each, refusal := item.amount("price")
		if refusal != nil {
			return price, nil, refusal
		}
		if !validPrice(each) {
			return price, nil, refuse(CodeInvalidRequest)
		}
		items[i] = FundItem{ID: item.text("id"), Price: each}
	}
	return price, items, nil
}

// detail shows a payment as at its creation: no refunds (docs/iyzico.md §5.1). Its conversationId is the query's.
func (s *Server) detail(c *call) answer {
	id, conversationID := c.body.text("paymentId"), c.body.text("paymentConversationId")
	if id == "" && conversationID == "" {
		return s.failure(c, refuse(CodeFieldMissing))
	}
	p, ok := s.ledger.Payment(id)
	if id == "" && !s.Settings().HideConversationIDs {
		p, ok = s.ledger.PaymentByConversation(conversationID)
	}
	if !ok {
		return s.failure(c, refuse(CodeDetailUnknownPayment))
	}
	o := append(s.envelope(c, "success"), paymentFields(p, p.ID)...)
	o.add("paymentStatus", statusText(p))
	return answer{body: o, signed: paymentSignature, paymentID: p.ID}
}

func statusText(p Payment) string {
	if p.PaymentStatus == PaymentSuccess {
		return "SUCCESS"
	}
	return "FAILURE"
}

// apiTest is what the official clients call to see whether their keys work.
func (s *Server) apiTest(c *call) answer {
	return answer{body: s.envelope(c, "success")}
}

// binCheck answers the same card for every bin.
func (s *Server) binCheck(c *call) answer {
	if refusal := c.body.require("binNumber"); refusal != nil {
		return s.failure(c, refusal)
	}
	o := s.envelope(c, "success")
	o.add("binNumber", c.body.text("binNumber"))
	o = append(o, object{
		{"cardType", "CREDIT_CARD"}, {"cardAssociation", "MASTER_CARD"}, {"cardFamily", "Bonus"},
		{"bankName", "Garanti Bankası"}, {"bankCode", 62}, {"commercial", 0},
	}...)
	return answer{body: o}
}

// commissionRate is iyzico's share in this model: the example's (docs/iyzico.md P4).
var commissionRate = decimal.RequireFromString("0.0175")

// paymentFields is what payment, detail and the payment from a balance share. The id goes out as a text or as a number,
// depending on the endpoint (docs/iyzico.md §2.1).
func paymentFields(p Payment, id any) object {
	o := object{
		{"price", amount(p.Price)}, {"paidPrice", amount(p.PaidPrice)}, {"installment", 1},
		{"paymentId", id}, {"fraudStatus", p.FraudStatus},
	}
	o = append(o, commission(p.Price, p.PaidPrice)...)
	o.addText("basketId", p.BasketID)
	o.add("currency", p.Currency)
	items := make([]object, len(p.Lines))
	for i, line := range p.Lines {
		items[i] = object{
			{"itemId", line.ItemID}, {"paymentTransactionId", line.PaymentTransactionID},
			{"transactionStatus", transactionStatus(p)},
			{"price", amount(line.Price)}, {"paidPrice", amount(line.PaidPrice)},
		}
		items[i] = append(items[i], commission(line.Price, line.PaidPrice)...)
		items[i] = append(items[i], payout(p, line.PaidPrice)...)
	}
	o.add("itemTransactions", items)
	o.add("authCode", authCode(p.ID))
	o.add("phase", p.Phase)
	o.add("hostReference", hostReference)
	return o
}

func iyziCommission(paidPrice decimal.Decimal) decimal.Decimal {
	return paidPrice.Mul(commissionRate).Truncate(8)
}

func commission(price, paidPrice decimal.Decimal) object {
	rate := decimal.Zero
	if price.IsPositive() {
		rate, _ = paidPrice.Sub(price).Shift(2).QuoRem(price, 8)
	}
	return object{
		{"merchantCommissionRate", amount(rate)},
		{"merchantCommissionRateAmount", amount(paidPrice.Sub(price))},
		{"iyziCommissionRateAmount", amount(iyziCommission(paidPrice))},
		{"iyziCommissionFee", amount{}},
	}
}

func payout(p Payment, paidPrice decimal.Decimal) object {
	merchant := paidPrice.Sub(iyziCommission(paidPrice))
	return object{
		{"blockageRate", amount{}}, {"blockageRateAmountMerchant", amount{}}, {"blockageRateAmountSubMerchant", 0},
		{"blockageResolvedDate", p.CreatedAt.In(istanbul).AddDate(0, 0, 1).Format(time.DateOnly) + " 00:00:00"},
		{"subMerchantPrice", 0}, {"subMerchantPayoutRate", amount{}}, {"subMerchantPayoutAmount", 0},
		{"merchantPayoutAmount", amount(merchant)},
		{"convertedPayout", object{
			{"paidPrice", amount(paidPrice)}, {"iyziCommissionRateAmount", amount(iyziCommission(paidPrice))},
			{"iyziCommissionFee", amount{}}, {"blockageRateAmountMerchant", amount{}},
			{"blockageRateAmountSubMerchant", amount{}}, {"subMerchantPayoutAmount", amount{}},
			{"merchantPayoutAmount", amount(merchant)}, {"iyziConversionRate", 0}, {"iyziConversionRateAmount", 0},
			{"currency", p.Currency},
		}},
	}
}

// fundPay is the payment from a balance (docs/iyzico.md P4).
func (s *Server) fundPay(c *call) answer {
	refusal := c.body.require("sessionToken", "memberIdentifier", "paymentType", "price", "paidPrice", "currency",
		"callbackUrl", "buyer.id", "buyer.name", "buyer.surname", "buyer.identityNumber", "buyer.email",
		"buyer.registrationAddress", "buyer.city", "buyer.country", "buyer.zipCode",
		"billingAddress.address", "billingAddress.contactName", "billingAddress.city", "billingAddress.country")
	if refusal == nil {
		refusal = checkItems(c.body)
	}
	if refusal != nil {
		return s.failure(c, refusal)
	}
	price, items, refusal := basket(c.body)
	if refusal != nil {
		return s.failure(c, refusal)
	}
	paidPrice, refusal := c.body.amount("paidPrice")
	if refusal != nil {
		return s.failure(c, refusal)
	}
	p, err := s.ledger.FundPay(FundRequest{
		ConversationID:   c.body.text("conversationId"),
		SessionToken:     c.body.text("sessionToken"),
		MemberIdentifier: c.body.text("memberIdentifier"),
		AccessToken:      c.accessToken,
		PaymentType:      c.body.text("paymentType"),
		Price:            price,
		PaidPrice:        paidPrice,
		Currency:         c.body.text("currency"),
		BasketID:         c.body.text("basketId"),
		Items:            items,
	})
	if err != nil {
		return s.fail(c, err)
	}
	o := s.envelope(c, "success")
	o.add("sessionToken", p.SessionToken)
	o.add("paymentStatus", statusText(p))
	o.add("checkoutToken", p.CheckoutToken)
	o = append(o, paymentFields(p, number(p.ID))...)
	return answer{body: o, signed: paymentSignature, outcome: OutcomeExecuted, paymentID: p.ID}
}

// checkItems refuses basket items without their mandatory members, and physical ones without a shipping address.
func checkItems(f fields) *Refusal {
	list, ok := f.list("basketItems")
	if !ok {
		return refuse(CodeFieldMissing)
	}
	for _, item := range list {
		if refusal := item.require("id", "price", "name", "category1", "itemType"); refusal != nil {
			return refusal
		}
		switch strings.ToUpper(item.text("itemType")) {
		case "VIRTUAL":
		case "PHYSICAL":
			refusal := f.require("shippingAddress.address", "shippingAddress.contactName", "shippingAddress.city",
				"shippingAddress.country")
			if refusal != nil {
				return refusal
			}
		default:
			return refuse(CodeInvalidRequest)
		}
	}
	return nil
}
