package iyzico

import (
	"context"
	"iter"
	"net/http"
	"strconv"

	"github.com/shopspring/decimal"
)

const (
	pathReportTransactions = "/v2/reporting/payment/transactions"
	pathScrollTransactions = "/v2/reporting/payment/scroll-transactions"

	// maxPages ends an iteration over pages that iyzico never ends.
	maxPages = 10_000
)

// The types of a reported transaction.
const (
	TransactionPayment = "PAYMENT"
	TransactionCancel  = "CANCEL"
	TransactionRefund  = "REFUND"
)

// ReportTransactionsRequest asks for one page of one day's transactions (reference §5.3).
type ReportTransactionsRequest struct {
	// Date is the day as YYYY-MM-DD, presumably by Turkey's clock.
	Date string
	// Page counts from 1. Zero is 1.
	Page int
	// ConversationID names this query. Optional, at most 64 visible ASCII characters.
	ConversationID string
	// Locale is tr (the default) or en.
	Locale string
}

// TransactionsPage is one page of a day's transactions.
type TransactionsPage struct {
	Envelope
	// CurrentPage and TotalPageCount are 0 if absent.
	CurrentPage, TotalPageCount int
	Transactions                []ReportedTransaction
	// Warnings holds Warning constants.
	Warnings []string
}

// ReportedTransaction is one movement of money: a payment, a cancel or a refund.
type ReportedTransaction struct {
	// Type is TransactionPayment, TransactionCancel or TransactionRefund.
	Type          string
	TransactionID string
	// Date is as written, yyyy-MM-dd HH:mm:ss without a zone.
	Date                 string
	Status               int
	PaymentID            string
	PaymentTransactionID string
	// ConversationID is the one of the request that made the transaction, if any.
	ConversationID  string
	Phase           string
	Price           decimal.Decimal
	PaidPrice       decimal.Decimal
	Currency        string
	AfterSettlement bool
	Installment     int
	ThreeDS         bool
	AuthCode        string
	HostReference   string
	BasketID        string
	ConnectorType   string
	POSName         string
	POSOrderID      string
	// The remaining members concern the payout to the merchant; amounts are zero if absent or unreadable.
	SettlementCurrency      string
	IyzicoCommission        decimal.Decimal
	IyzicoFee               decimal.Decimal
	Parity                  decimal.Decimal
	IyzicoConversionAmount  decimal.Decimal
	MerchantPayoutAmount    decimal.Decimal
	SubMerchantKey          string
	SubMerchantPayoutAmount decimal.Decimal
}

type wireTransactions struct {
	wireAnswer
	CurrentPage    token             `json:"currentPage"`
	TotalPageCount token             `json:"totalPageCount"`
	LastID         token             `json:"lastId"`
	Transactions   []wireTransaction `json:"transactions"`
}

type wireTransaction struct {
	TransactionType         token `json:"transactionType"`
	TransactionID           token `json:"transactionId"`
	TransactionDate         token `json:"transactionDate"`
	TransactionStatus       token `json:"transactionStatus"`
	PaymentID               token `json:"paymentId"`
	PaymentTxID             token `json:"paymentTxId"`
	ConversationID          token `json:"conversationId"`
	PaymentPhase            token `json:"paymentPhase"`
	Price                   token `json:"price"`
	PaidPrice               token `json:"paidPrice"`
	TransactionCurrency     token `json:"transactionCurrency"`
	AfterSettlement         token `json:"afterSettlement"`
	Installment             token `json:"installment"`
	ThreeDS                 token `json:"threeDS"`
	AuthCode                token `json:"authCode"`
	HostReference           token `json:"hostReference"`
	BasketID                token `json:"basketId"`
	ConnectorType           token `json:"connectorType"`
	POSName                 token `json:"posName"`
	POSOrderID              token `json:"posOrderId"`
	SettlementCurrency      token `json:"settlementCurrency"`
	IyzicoCommission        token `json:"iyzicoCommission"`
	IyzicoFee               token `json:"iyzicoFee"`
	Parity                  token `json:"parity"`
	IyzicoConversionAmount  token `json:"iyzicoConversionAmount"`
	MerchantPayoutAmount    token `json:"merchantPayoutAmount"`
	SubMerchantKey          token `json:"subMerchantKey"`
	SubMerchantPayoutAmount token `json:"subMerchantPayoutAmount"`
}

// ReportTransactions reads one page of a day's transactions. It moves nothing.
func (c *Client) ReportTransactions(ctx context.Context, req ReportTransactionsRequest) (*TransactionsPage, error) {
	var v checker
	r := &request{method: http.MethodGet, path: pathReportTransactions, conversationID: v.optionalConversationID(req.ConversationID)}
	v.day("transactionDate", req.Date)
	v.require(req.Page >= 0 && req.Page <= maxPages, "page", "must be between 1 and "+strconv.Itoa(maxPages))
	v.locale(req.Locale)
	if err := v.err(r); err != nil {
		return nil, err
	}
	r.query = query(
		"transactionDate", req.Date,
		"page", strconv.Itoa(max(req.Page, 1)),
		"conversationId", req.ConversationID,
		"locale", localeOrDefault(req.Locale),
	)
	_, page, err := c.transactions(ctx, r)
	return page, err
}

// AllTransactions iterates over a day's transactions, page after page from req.Page on, and ends with the last page, an
// empty page or an error, which comes with a zero transaction. If ctx has no deadline, each page has the default timeout.
// Breaking off is free.
func (c *Client) AllTransactions(ctx context.Context, req ReportTransactionsRequest) iter.Seq2[ReportedTransaction, error] {
	return func(yield func(ReportedTransaction, error) bool) {
		for req.Page = max(req.Page, 1); req.Page <= maxPages; req.Page++ {
			page, err := c.ReportTransactions(ctx, req)
			if err != nil {
				yield(ReportedTransaction{}, err)
				return
			}
			for _, transaction := range page.Transactions {
				if !yield(transaction, nil) {
					return
				}
			}
			if len(page.Transactions) == 0 || req.Page >= page.TotalPageCount {
				return
			}
		}
	}
}

// The orders of a scrolled report.
const (
	SortAscending  = "ASC"
	SortDescending = "DESC"
)

// ScrollTransactionsRequest asks for the next stretch of a day's transactions (reference §5.4). iyzico has no page of
// documentation about it: names and meanings come from its SDKs.
type ScrollTransactionsRequest struct {
	// Date is the day as YYYY-MM-DD.
	Date string
	// LastID is the last id seen, empty on the first call.
	LastID string
	// Order is SortAscending (the default) or SortDescending.
	Order string
	// ConversationID names this query. Optional, at most 64 visible ASCII characters.
	ConversationID string
}

// ScrollPage is a stretch of a day's transactions.
type ScrollPage struct {
	Envelope
	Transactions []ReportedTransaction
	// LastID is what to pass on to the next call: the answer's own lastId if it has one, else the last transaction's id.
	// Which of the two iyzico means is not documented. Empty on an empty page.
	LastID string
	// Warnings holds Warning constants.
	Warnings []string
}

// ScrollTransactions reads the next stretch of a day's transactions. It moves nothing. Prefer ReportTransactions, which
// iyzico documents.
func (c *Client) ScrollTransactions(ctx context.Context, req ScrollTransactionsRequest) (*ScrollPage, error) {
	var v checker
	r := &request{method: http.MethodGet, path: pathScrollTransactions, conversationID: v.optionalConversationID(req.ConversationID)}
	v.day("transactionDate", req.Date)
	v.require(len(req.LastID) <= 64 && isVisibleASCII(req.LastID), "lastId", "must be at most 64 visible ASCII characters")
	if req.Order != "" {
		v.oneOf("documentScrollVoSortingOrder", req.Order, SortAscending, SortDescending)
	} else {
		req.Order = SortAscending
	}
	if err := v.err(r); err != nil {
		return nil, err
	}
	r.query = query(
		"transactionDate", req.Date,
		"documentScrollVoSortingOrder", req.Order,
		"lastId", req.LastID,
		"conversationId", req.ConversationID,
	)
	wire, page, err := c.transactions(ctx, r)
	if err != nil {
		return nil, err
	}
	lastID := wire.LastID.str()
	if n := len(page.Transactions); lastID == "" && n > 0 {
		lastID = page.Transactions[n-1].TransactionID
	}
	return &ScrollPage{Envelope: page.Envelope, Transactions: page.Transactions, LastID: lastID, Warnings: page.Warnings}, nil
}

// AllScrollTransactions iterates over a day's transactions by scrolling. Since iyzico documents no end, it ends with an
// empty stretch, with a last id that was seen before, after ten thousand stretches, or with an error, which comes with a
// zero transaction. If ctx has no deadline, each stretch has the default timeout.
func (c *Client) AllScrollTransactions(ctx context.Context, req ScrollTransactionsRequest) iter.Seq2[ReportedTransaction, error] {
	return func(yield func(ReportedTransaction, error) bool) {
		seen := map[string]bool{"": true, req.LastID: true}
		for range maxPages {
			page, err := c.ScrollTransactions(ctx, req)
			if err != nil {
				yield(ReportedTransaction{}, err)
				return
			}
			for _, transaction := range page.Transactions {
				if !yield(transaction, nil) {
					return
				}
			}
			if len(page.Transactions) == 0 || seen[page.LastID] {
				return
			}
			seen[page.LastID] = true
			req.LastID = page.LastID
		}
	}
}

func (c *Client) transactions(ctx context.Context, r *request) (*wireTransactions, *TransactionsPage, error) {
	var wire wireTransactions
	status, err := c.do(ctx, r, &wire)
	if err != nil {
		return nil, nil, err
	}
	s := r.success(status, &wire.wireAnswer)
	s.echoesIfPresent("conversationId", wire.ConversationID, r.conversationID)
	page := &TransactionsPage{
		Envelope:       wire.envelope(status),
		CurrentPage:    s.fields.number("currentPage", wire.CurrentPage),
		TotalPageCount: s.fields.number("totalPageCount", wire.TotalPageCount),
		Transactions:   make([]ReportedTransaction, len(wire.Transactions)),
		Warnings:       s.warnings,
	}
	for i := range wire.Transactions {
		page.Transactions[i] = s.transaction("transactions["+strconv.Itoa(i)+"].", &wire.Transactions[i])
	}
	if err := s.verdict(); err != nil {
		return nil, nil, err
	}
	return &wire, page, nil
}

func (s *success) transaction(path string, wire *wireTransaction) ReportedTransaction {
	return ReportedTransaction{
		Type:                    wire.TransactionType.str(),
		TransactionID:           s.fields.id(path+"transactionId", wire.TransactionID),
		Date:                    wire.TransactionDate.str(),
		Status:                  s.fields.number(path+"transactionStatus", wire.TransactionStatus),
		PaymentID:               s.fields.id(path+"paymentId", wire.PaymentID),
		PaymentTransactionID:    s.fields.id(path+"paymentTxId", wire.PaymentTxID),
		ConversationID:          s.fields.id(path+"conversationId", wire.ConversationID),
		Phase:                   wire.PaymentPhase.str(),
		Price:                   s.fields.amount(path+"price", wire.Price),
		PaidPrice:               s.fields.amount(path+"paidPrice", wire.PaidPrice),
		Currency:                wire.TransactionCurrency.str(),
		AfterSettlement:         isTrue(wire.AfterSettlement),
		Installment:             s.fields.number(path+"installment", wire.Installment),
		ThreeDS:                 isTrue(wire.ThreeDS),
		AuthCode:                wire.AuthCode.str(),
		HostReference:           wire.HostReference.str(),
		BasketID:                wire.BasketID.str(),
		ConnectorType:           wire.ConnectorType.str(),
		POSName:                 wire.POSName.str(),
		POSOrderID:              wire.POSOrderID.str(),
		SettlementCurrency:      wire.SettlementCurrency.str(),
		IyzicoCommission:        wire.IyzicoCommission.optionalAmount(),
		IyzicoFee:               wire.IyzicoFee.optionalAmount(),
		Parity:                  wire.Parity.optionalAmount(),
		IyzicoConversionAmount:  wire.IyzicoConversionAmount.optionalAmount(),
		MerchantPayoutAmount:    wire.MerchantPayoutAmount.optionalAmount(),
		SubMerchantKey:          wire.SubMerchantKey.str(),
		SubMerchantPayoutAmount: wire.SubMerchantPayoutAmount.optionalAmount(),
	}
}
