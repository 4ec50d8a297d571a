package iyzico

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

const pathReport = "/v2/reporting/payment/details"

// RetrieveReportRequest asks for what iyzico's report says about a payment (reference §5.2).
type RetrieveReportRequest struct {
	// PaymentID or PaymentConversationID says which payment; exactly one is needed.
	PaymentID             string
	PaymentConversationID string
	// ConversationID names this query, not the payment. Optional, at most 64 visible ASCII characters.
	ConversationID string
	// Locale is tr (the default) or en.
	Locale string
}

// Report is what iyzico's report lists, the only source for a request whose outcome is unknown. It lags behind:
// what it does not list yet may have happened all the same. It is not signed.
type Report struct {
	// Envelope.SystemTime is iyzico's clock when it answered.
	Envelope
	// Payments is empty if the report lists none.
	Payments []ReportedPayment
	// Warnings holds Warning constants.
	Warnings []string
}

// ReportedPayment is one payment of a report.
type ReportedPayment struct {
	PaymentID string
	// PaymentStatus is 1 for a payment that succeeded; iyzico's pages differ on all other values (reference §5.2).
	PaymentStatus int
	// RefundStatus is NOT_REFUNDED, PARTIALLY_REFUNDED or TOTALLY_REFUNDED, without surrounding blanks.
	RefundStatus string
	Price        decimal.Decimal
	// PaidPrice is what was taken from the customer.
	PaidPrice             decimal.Decimal
	Currency              string
	Phase                 string
	PaymentConversationID string
	BasketID              string
	Installment           int
	// FraudStatus is 1 approved, 0 in review, -1 rejected; nil if absent.
	FraudStatus   *int
	AuthCode      string
	HostReference string
	ConnectorName string
	// CreatedAt and UpdatedAt are read as written: a zone is taken literally, although the report's Z may be Istanbul's wall
	// time. The zero time if absent or in no known form.
	CreatedAt, UpdatedAt time.Time
	// Cancels lists cancels of the whole payment, failed ones too.
	Cancels []ReportedRefund
	Lines   []ReportedLine
}

// ReportedLine is one basket item of a reported payment.
type ReportedLine struct {
	PaymentTransactionID string
	ItemID               string
	// TransactionStatus is 0 fraud review, -1 rejected, 1 approved or waiting (marketplace), 2 approved.
	TransactionStatus int
	Price             decimal.Decimal
	// PaidPrice is what refunds of the line are counted against.
	PaidPrice decimal.Decimal
	// Refunds lists refunds of the line, failed ones too.
	Refunds []ReportedRefund
}

// ReportedRefund is a refund or cancel that the report lists. Only one with Status 1 moved money.
type ReportedRefund struct {
	// ID is iyzico's, refundTxId or refundId.
	ID string
	// ConversationID is the one of the request that made it; foreign or empty if it was made in iyzico's panel.
	ConversationID string
	// Price is the amount. A refund of Status 1 that has none fails the call; a cancel without one has zero.
	Price decimal.Decimal
	// Status is 1 for success. No other value is documented; 0 if absent.
	Status   int
	Currency string
	// CreatedAt is read as written, see ReportedPayment.
	CreatedAt time.Time
	// AfterSettlement tells that the money had already been paid out to the merchant.
	AfterSettlement bool
	AuthCode        string
	HostReference   string
	// ErrorCode, ErrorGroup and ErrorMessage tell why a failed one failed; empty if absent.
	ErrorCode    string
	ErrorGroup   string
	ErrorMessage string
}

type wireReport struct {
	wireAnswer
	Payments []wireReportedPayment `json:"payments"`
}

type wireReportedPayment struct {
	PaymentID             token                `json:"paymentId"`
	PaymentStatus         token                `json:"paymentStatus"`
	PaymentRefundStatus   token                `json:"paymentRefundStatus"`
	Price                 token                `json:"price"`
	PaidPrice             token                `json:"paidPrice"`
	Currency              token                `json:"currency"`
	Phase                 token                `json:"phase"`
	PaymentConversationID token                `json:"paymentConversationId"`
	BasketID              token                `json:"basketId"`
	Installment           token                `json:"installment"`
	FraudStatus           token                `json:"fraudStatus"`
	AuthCode              token                `json:"authCode"`
	HostReference         token                `json:"hostReference"`
	ConnectorName         token                `json:"connectorName"`
	CreatedDate           token                `json:"createdDate"`
	UpdatedDate           token                `json:"updatedDate"`
	Cancels               []wireReportedRefund `json:"cancels"`
	ItemTransactions      []wireReportedLine   `json:"itemTransactions"`
}

type wireReportedLine struct {
	PaymentTransactionID token                `json:"paymentTransactionId"`
	ItemID               token                `json:"itemId"`
	TransactionStatus    token                `json:"transactionStatus"`
	Price                token                `json:"price"`
	PaidPrice            token                `json:"paidPrice"`
	Refunds              []wireReportedRefund `json:"refunds"`
}

// wireReportedRefund covers refunds[] and cancels[], which name their ids differently.
type wireReportedRefund struct {
	RefundTxID           token `json:"refundTxId"`
	RefundID             token `json:"refundId"`
	RefundConversationID token `json:"refundConversationId"`
	CancelConversationID token `json:"cancelConversationId"`
	RefundPrice          token `json:"refundPrice"`
	RefundStatus         token `json:"refundStatus"`
	CurrencyCode         token `json:"currencyCode"`
	CreatedDate          token `json:"createdDate"`
	IsAfterSettlement    token `json:"isAfterSettlement"`
	AuthCode             token `json:"authCode"`
	HostReference        token `json:"hostReference"`
	ErrorCode            token `json:"errorCode"`
	ErrorGroup           token `json:"errorGroup"`
	ErrorMessage         token `json:"errorMessage"`
}

// RetrieveReport reads what iyzico's report lists about a payment, with its refunds and cancels. It moves nothing. It fails
// rather than leave out or misread an id, an amount or a status that money is counted by.
func (c *Client) RetrieveReport(ctx context.Context, req RetrieveReportRequest) (*Report, error) {
	var v checker
	r := &request{
		method:         http.MethodGet,
		path:           pathReport,
		conversationID: v.optionalConversationID(req.ConversationID),
	}
	v.onePayment(req.PaymentID, req.PaymentConversationID)
	v.locale(req.Locale)
	if err := v.err(r); err != nil {
		return nil, err
	}
	r.query = query(
		"paymentId", req.PaymentID,
		"paymentConversationId", req.PaymentConversationID,
		"conversationId", req.ConversationID,
		"locale", localeOrDefault(req.Locale),
	)
	var wire wireReport
	status, err := c.do(ctx, r, &wire)
	if err != nil {
		return nil, err
	}
	s := r.success(status, &wire.wireAnswer)
	s.echoesIfPresent("conversationId", wire.ConversationID, req.ConversationID)
	report := &Report{Envelope: wire.envelope(status), Payments: make([]ReportedPayment, len(wire.Payments))}
	for i := range wire.Payments {
		path := "payments[" + strconv.Itoa(i) + "]."
		s.echoesIfPresent(path+"paymentConversationId", wire.Payments[i].PaymentConversationID, req.PaymentConversationID)
		report.Payments[i] = s.reportedPayment(path, &wire.Payments[i], req.PaymentID)
	}
	report.Warnings = s.warnings
	if err := s.verdict(); err != nil {
		return nil, err
	}
	return report, nil
}

func (s *success) reportedPayment(path string, wire *wireReportedPayment, paymentID string) ReportedPayment {
	p := ReportedPayment{
		PaymentID:             s.echoes(path+"paymentId", wire.PaymentID, paymentID),
		PaymentStatus:         s.fields.number(path+"paymentStatus", wire.PaymentStatus),
		RefundStatus:          strings.TrimSpace(wire.PaymentRefundStatus.str()),
		Price:                 s.fields.amount(path+"price", wire.Price),
		PaidPrice:             s.fields.requiredAmount(path+"paidPrice", wire.PaidPrice),
		Currency:              wire.Currency.str(),
		Phase:                 wire.Phase.str(),
		PaymentConversationID: s.fields.id(path+"paymentConversationId", wire.PaymentConversationID),
		BasketID:              wire.BasketID.str(),
		Installment:           s.fields.number(path+"installment", wire.Installment),
		FraudStatus:           s.fields.integer(path+"fraudStatus", wire.FraudStatus),
		AuthCode:              wire.AuthCode.str(),
		HostReference:         wire.HostReference.str(),
		ConnectorName:         wire.ConnectorName.str(),
		CreatedAt:             wire.CreatedDate.time(),
		UpdatedAt:             wire.UpdatedDate.time(),
		Cancels:               s.reportedRefunds(path+"cancels", wire.Cancels, false),
		Lines:                 make([]ReportedLine, len(wire.ItemTransactions)),
	}
	for i := range wire.ItemTransactions {
		line := &wire.ItemTransactions[i]
		at := path + "itemTransactions[" + strconv.Itoa(i) + "]."
		p.Lines[i] = ReportedLine{
			PaymentTransactionID: s.echoes(at+"paymentTransactionId", line.PaymentTransactionID, ""),
			ItemID:               line.ItemID.str(),
			TransactionStatus:    s.fields.number(at+"transactionStatus", line.TransactionStatus),
			Price:                s.fields.amount(at+"price", line.Price),
			PaidPrice:            s.fields.requiredAmount(at+"paidPrice", line.PaidPrice),
			Refunds:              s.reportedRefunds(at+"refunds", line.Refunds, true),
		}
	}
	return p
}

// reportedRefunds reads refunds or cancels. Only refunds need their price: a cancel takes back the whole payment.
func (s *success) reportedRefunds(path string, wire []wireReportedRefund, needPrice bool) []ReportedRefund {
	refunds := make([]ReportedRefund, len(wire))
	for i := range wire {
		w := &wire[i]
		at := path + "[" + strconv.Itoa(i) + "]."
		r := ReportedRefund{
			ID:              s.fields.id(at+"refundTxId", w.RefundTxID),
			ConversationID:  s.fields.id(at+"refundConversationId", w.RefundConversationID),
			Price:           s.fields.amount(at+"refundPrice", w.RefundPrice),
			Status:          s.fields.number(at+"refundStatus", w.RefundStatus),
			Currency:        w.CurrencyCode.str(),
			CreatedAt:       w.CreatedDate.time(),
			AfterSettlement: isTrue(w.IsAfterSettlement),
			AuthCode:        w.AuthCode.str(),
			HostReference:   w.HostReference.str(),
			ErrorCode:       w.ErrorCode.str(),
			ErrorGroup:      w.ErrorGroup.str(),
			ErrorMessage:    cut(w.ErrorMessage.text, maxMessageLen),
		}
		if r.ID == "" {
			r.ID = s.fields.id(at+"refundId", w.RefundID)
		}
		if r.ConversationID == "" {
			r.ConversationID = s.fields.id(at+"cancelConversationId", w.CancelConversationID)
		}
		if needPrice && r.Status == 1 && !w.RefundPrice.present {
			s.fields.fail(at + "refundPrice")
		}
		refunds[i] = r
	}
	return refunds
}

// isTrue reads a boolean that the wire writes as true or 1.
func isTrue(t token) bool {
	value := t.boolean()
	return value != nil && *value
}

// query makes a query string's values from pairs of name and value, leaving out empty ones.
func query(pairs ...string) url.Values {
	values := make(url.Values, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			values.Set(pairs[i], pairs[i+1])
		}
	}
	return values
}
