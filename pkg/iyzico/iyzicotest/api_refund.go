package iyzicotest

import (
	"net/url"

	"github.com/shopspring/decimal"
)

// Bank references as the sandbox's examples show them (docs/iyzico.md §9); a refund's and a cancel's carry their own id.
const hostReference = "mock00007iyzihostrfn"

func ownHostReference(txID string) string { return "mock" + txID + "iyzihostrfn" }

func authCode(id string) string { return id[len(id)-min(6, len(id)):] }

// refundSignature is the documented order for v1 and v2 (docs/iyzico.md §6).
var refundSignature = []string{"paymentId", "price", "currency", "conversationId"}

func (s *Server) refund(c *call) answer { return s.refundLine(c, (*Ledger).Refund, refundSignature) }

// merchantCharge is a refund that the merchant pays for on his marketplace. It is taken from any merchant, and answered
// unsigned: no official client looks for a signature there.
func (s *Server) merchantCharge(c *call) answer {
	return s.refundLine(c, (*Ledger).RefundChargedToMerchant, nil)
}

func (s *Server) refundLine(c *call, execute func(*Ledger, RefundRequest) (RefundResult, error), signed []string) answer {
	if refusal := c.body.require("paymentTransactionId"); refusal != nil {
		return s.failure(c, refusal)
	}
	price, refusal := c.body.amount("price")
	if refusal != nil {
		return s.failure(c, refusal)
	}
	line := c.body.text("paymentTransactionId")
	result, err := execute(s.ledger, RefundRequest{
		ConversationID:       c.body.text("conversationId"),
		PaymentTransactionID: line,
		Price:                price,
		Currency:             c.body.text("currency"),
	})
	if err != nil {
		return s.fail(c, err)
	}
	o := s.refunded(c, result, line)
	return answer{body: o, signed: signed, outcome: OutcomeExecuted, paymentID: result.PaymentID}
}

func (s *Server) refundV2(c *call) answer {
	if refusal := c.body.require("paymentId"); refusal != nil {
		return s.failure(c, refusal)
	}
	price, refusal := c.body.amount("price")
	if refusal != nil {
		return s.failure(c, refusal)
	}
	result, err := s.ledger.RefundV2(RefundV2Request{
		ConversationID: c.body.text("conversationId"),
		PaymentID:      c.body.text("paymentId"),
		Price:          price,
		Currency:       c.body.text("currency"),
	})
	if err != nil {
		return s.fail(c, err)
	}
	o := s.refunded(c, result, "")
	o.add("transactionType", result.Type)
	return answer{body: o, signed: refundSignature, outcome: OutcomeExecuted, paymentID: result.PaymentID}
}

// refunded answers an executed refund; v2 names no line (docs/iyzico.md P3).
func (s *Server) refunded(c *call, result RefundResult, line string) object {
	o := s.envelope(c, "success")
	o.add("paymentId", result.PaymentID)
	o.addText("paymentTransactionId", line)
	o = append(o, bankFields(result.PaymentID, result.Price, result.Currency)...)
	o.add("refundHostReference", ownHostReference(result.Parts[0].RefundTxID))
	o.add("retryable", false)
	return o
}

func bankFields(paymentID string, price decimal.Decimal, currency string) object {
	return object{
		{"price", amount(price)}, {"currency", currency},
		{"authCode", authCode(paymentID)}, {"hostReference", hostReference},
	}
}

// cancel answers without a signature (docs/iyzico.md P3).
func (s *Server) cancel(c *call) answer {
	if refusal := c.body.require("paymentId"); refusal != nil {
		return s.failure(c, refusal)
	}
	result, err := s.ledger.Cancel(CancelRequest{
		ConversationID: c.body.text("conversationId"),
		PaymentID:      c.body.text("paymentId"),
	})
	if err != nil {
		return s.fail(c, err)
	}
	o := s.envelope(c, "success")
	o.add("paymentId", result.PaymentID)
	o = append(o, bankFields(result.PaymentID, result.Price, result.Currency)...)
	o.add("cancelHostReference", ownHostReference(result.CancelID))
	return answer{body: o, outcome: OutcomeExecuted, paymentID: result.PaymentID}
}

// balanceInit opens a refund to balance. The callback must be https as documented (docs/iyzico.md P0), or http on the machine
// itself, so that a shop under development can be called back.
func (s *Server) balanceInit(c *call) answer {
	if refusal := c.body.require("paymentId", "callbackUrl"); refusal != nil {
		return s.failure(c, refusal)
	}
	callbackURL := c.body.text("callbackUrl")
	if !validCallback(callbackURL) {
		return s.failure(c, refuse(CodeInvalidRequest))
	}
	paymentID := c.body.text("paymentId")
	token, err := s.ledger.initBalanceRefund(paymentID, c.body.text("conversationId"), callbackURL, c.locale())
	if err != nil {
		return s.fail(c, err)
	}
	o := s.envelope(c, "success")
	o.add("token", token)
	o.add("url", c.origin+pagePath+token)
	return answer{body: o, outcome: OutcomeExecuted, paymentID: paymentID}
}

func validCallback(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	switch u.Hostname() {
	case "localhost", "127.0.0.1", "::1":
		return u.Scheme == "http" || u.Scheme == "https"
	}
	return u.Scheme == "https"
}
