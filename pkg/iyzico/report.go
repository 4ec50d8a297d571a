package iyzico

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

const pathReport = "/v2/reporting/payment/details"

// RetrieveReportRequest asks for what iyzico's report says about a payment (docs, reporting-service).
type RetrieveReportRequest struct {
	// PaymentID or PaymentConversationID says which payment; exactly one is needed.
	PaymentID             string
	PaymentConversationID string
	// ConversationID names this query, not the payment. Optional, at most 64 visible ASCII characters.
	ConversationID string
	// Locale is tr (the default) or en.
	Locale string
}

// ListState tells how a list stands in a report. A list that is not there hides what it would hold.
type ListState int

const (
	// ListAbsent means that the report has no such member. It is the zero value.
	ListAbsent ListState = iota
	// ListNull means that the member is null.
	ListNull
	// ListPresent means that the member is a list, perhaps an empty one.
	ListPresent
)

// Report is what iyzico's report lists, the only source for a request whose outcome is unknown. It lags behind: what it
// does not list yet may have happened all the same. It is not signed.
//
// RetrieveReport fails on what it cannot read. What is merely missing is left to the caller, who can see it: by a ListState,
// a Has field, or a zero value that is described as absent.
type Report struct {
	// Envelope.SystemTime is iyzico's clock when it answered: what the report says is not newer.
	Envelope
	// Payments is usually one. A report that lists several is odd.
	Payments []ReportedPayment
	// PaymentsList tells how Payments stands in the report.
	PaymentsList ListState
}

// IsEmpty tells whether the report says that there is no such payment: its list of payments is there and empty.
func (r *Report) IsEmpty() bool { return r.PaymentsList == ListPresent && len(r.Payments) == 0 }

// ReportedPayment is one payment of a report.
type ReportedPayment struct {
	PaymentID string
	// PaymentStatus is 1 for a payment that succeeded; iyzico's pages differ on all other values. 0 if absent.
	PaymentStatus int
	// RefundStatus is NOT_REFUNDED, PARTIALLY_REFUNDED or TOTALLY_REFUNDED, without surrounding blanks; empty if absent.
	RefundStatus string
	Price        decimal.Decimal
	// PaidPrice is what was taken from the customer, as written: iyzico computes it with floats now and then, so 10.21 can
	// come as 10.209999999999999 (sandbox, 2026).
	PaidPrice decimal.Decimal
	// Currency is in upper case, empty if absent.
	Currency string
	// Phase is PRE_AUTH, AUTH or POST_AUTH.
	Phase                 string
	PaymentConversationID string
	BasketID              string
	Installment           int
	// FraudStatus is 1 approved, 0 in review, -1 rejected; nil if absent.
	FraudStatus   *int
	AuthCode      string
	HostReference string
	ConnectorName string
	// CreatedAt and UpdatedAt are in UTC; the zero time if absent or unreadable.
	CreatedAt, UpdatedAt time.Time
	// Cancels lists cancels of the whole payment, failed ones too, and refunds that iyzico carried out as one.
	Cancels []ReportedRefund
	// CancelsList tells how Cancels stands in the report.
	CancelsList ListState
	// Lines are in no certain order.
	Lines []ReportedLine
	// LinesList tells how Lines stands in the report.
	LinesList ListState
}

// ReportedLine is one basket item of a reported payment.
type ReportedLine struct {
	PaymentTransactionID string
	ItemID               string
	// TransactionStatus is 0 fraud review, -1 rejected, 1 approved or waiting (marketplace), 2 approved.
	TransactionStatus int
	Price             decimal.Decimal
	// PaidPrice is what refunds of the line are counted against. It can have 8 decimals.
	PaidPrice decimal.Decimal
	// Refunds lists refunds of the line, failed ones too.
	Refunds []ReportedRefund
	// RefundsList tells how Refunds stands in the report.
	RefundsList ListState
}

// ReportedRefund is a refund or cancel that the report lists. Only one with Status 1 moved money. An entry without an ID, a
// price, a status or a readable date is listed all the same: it hides something.
type ReportedRefund struct {
	// ID is iyzico's, refundTxId or refundId; empty if absent.
	ID string
	// ConversationID is the one of the request that made it, exactly as written; foreign or empty if it was made in iyzico's
	// panel.
	ConversationID string
	// Price is the amount, if HasPrice; it can have 8 decimals. A refund of Status 1 that has none fails the call.
	Price    decimal.Decimal
	HasPrice bool
	// Status is 1 for success, if HasStatus. No other value is documented.
	Status    int
	HasStatus bool
	// Currency is in upper case, empty if absent.
	Currency string
	// CreatedAt is in UTC; the zero time if absent or unreadable.
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

// RetrieveReport reads what iyzico's report lists about a payment, with its refunds and cancels. It moves nothing. It fails
// on a report about another payment, on a member that is there twice, and on an id, an amount or a status that cannot be
// read. The report writes Istanbul's wall time; CreatedAt and UpdatedAt are true instants.
func (c *Client) RetrieveReport(ctx context.Context, req RetrieveReportRequest) (*Report, error) {
	r := ask(http.MethodGet, pathReport, req.ConversationID, req.Locale)
	r.onePayment(req.PaymentID, req.PaymentConversationID)
	r.query = query(
		"paymentId", req.PaymentID,
		"paymentConversationId", req.PaymentConversationID,
		"conversationId", req.ConversationID,
		"locale", localeOrDefault(req.Locale),
	)
	return perform(ctx, c, r, func(s *success, wire *wireReport) Report {
		report := Report{Payments: make([]ReportedPayment, len(wire.Payments.items)), PaymentsList: wire.Payments.state}
		for i := range wire.Payments.items {
			w, path := &wire.Payments.items[i], at("payments", i)
			s.echoesIfPresent(path+"paymentConversationId", w.PaymentConversationID, req.PaymentConversationID)
			report.Payments[i] = s.reportedPayment(path, w, req.PaymentID)
		}
		return report
	})
}

func (s *success) reportedPayment(path string, wire *wireReportedPayment, paymentID string) ReportedPayment {
	p := ReportedPayment{
		PaymentID:             s.echoes(path+"paymentId", wire.PaymentID, paymentID),
		PaymentStatus:         s.fields.number(path+"paymentStatus", wire.PaymentStatus),
		RefundStatus:          strings.TrimSpace(wire.PaymentRefundStatus.str()),
		Price:                 s.fields.amount(path+"price", wire.Price),
		PaidPrice:             s.fields.requiredAmount(path+"paidPrice", wire.PaidPrice),
		Currency:              wire.Currency.currency(),
		Phase:                 wire.Phase.str(),
		PaymentConversationID: s.fields.id(path+"paymentConversationId", wire.PaymentConversationID),
		BasketID:              wire.BasketID.str(),
		Installment:           s.fields.number(path+"installment", wire.Installment),
		FraudStatus:           s.fields.integer(path+"fraudStatus", wire.FraudStatus),
		AuthCode:              wire.AuthCode.str(),
		HostReference:         wire.HostReference.str(),
		ConnectorName:         wire.ConnectorName.str(),
		CreatedAt:             wallTime(wire.CreatedDate.text),
		UpdatedAt:             wallTime(wire.UpdatedDate.text),
		Cancels:               s.reportedRefunds(path+"cancels", wire.Cancels.items, wireReportedRefund.cancel),
		CancelsList:           wire.Cancels.state,
		Lines:                 make([]ReportedLine, len(wire.ItemTransactions.items)),
		LinesList:             wire.ItemTransactions.state,
	}
	for i := range wire.ItemTransactions.items {
		line, path := &wire.ItemTransactions.items[i], path+at("itemTransactions", i)
		p.Lines[i] = ReportedLine{
			PaymentTransactionID: s.echoes(path+"paymentTransactionId", line.PaymentTransactionID, ""),
			ItemID:               line.ItemID.str(),
			TransactionStatus:    s.fields.number(path+"transactionStatus", line.TransactionStatus),
			Price:                s.fields.amount(path+"price", line.Price),
			PaidPrice:            s.fields.requiredAmount(path+"paidPrice", line.PaidPrice),
			Refunds:              s.reportedRefunds(path+"refunds", line.Refunds.items, wireReportedRefund.refund),
			RefundsList:          line.Refunds.state,
		}
	}
	return p
}

// reportedRefunds reads refunds or cancels; names tells which members name them. Only refunds need their price: a cancel
// takes back the whole payment.
func (s *success) reportedRefunds(list string, wire []wireReportedRefund, names func(wireReportedRefund) refundNames) []ReportedRefund {
	refunds := make([]ReportedRefund, len(wire))
	for i, w := range wire {
		path, named := at(list, i), names(w)
		r := ReportedRefund{
			ID:              s.fields.id(path+named.idField, named.id),
			ConversationID:  s.fields.id(path+named.conversationField, named.conversationID),
			Price:           s.fields.amount(path+"refundPrice", w.RefundPrice),
			HasPrice:        w.RefundPrice.present,
			Status:          s.fields.number(path+"refundStatus", w.RefundStatus),
			HasStatus:       w.RefundStatus.present,
			Currency:        w.CurrencyCode.currency(),
			CreatedAt:       wallTime(w.CreatedDate.text),
			AfterSettlement: isTrue(w.IsAfterSettlement),
			AuthCode:        w.AuthCode.str(),
			HostReference:   w.HostReference.str(),
			ErrorCode:       w.ErrorCode.str(),
			ErrorGroup:      w.ErrorGroup.str(),
			ErrorMessage:    cut(w.ErrorMessage.text, maxMessageLen),
		}
		if named.needsPrice && r.Status == 1 && !r.HasPrice {
			s.fields.fail(path + "refundPrice")
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
