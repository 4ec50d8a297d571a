package iyzico

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

const (
	pathTransactions = "/v2/reporting/payment/transactions"

	// maxPages bounds the pages of one day.
	maxPages = 10_000
)

// The types of a reported transaction.
const (
	TransactionPayment = "PAYMENT"
	TransactionCancel  = "CANCEL"
	TransactionRefund  = "REFUND"
)

// ListTransactionsRequest asks for all transactions of one day (docs, reporting-service).
type ListTransactionsRequest struct {
	// Date is the day in Istanbul as YYYY-MM-DD.
	Date string
	// ConversationID names this query. Optional, at most 64 visible ASCII characters.
	ConversationID string
	// Locale is tr (the default) or en.
	Locale string
}

// TransactionList is the whole list of one day.
type TransactionList struct {
	// Date is the day that was asked for.
	Date string
	// Transactions are in the order of the pages, newest first.
	Transactions []ReportedTransaction
	// Pages is how many pages were read.
	Pages int
	// SystemTime is iyzico's clock when it answered the first page: the list may lack what happened later. The zero time if
	// a page has none.
	SystemTime time.Time
	// ReadAt is the client's clock before the first page was asked for.
	ReadAt time.Time
	// Warnings holds Warning constants, of all pages.
	Warnings []string
}

// ListTransactionsPageRequest asks for one page of the transactions of one day.
type ListTransactionsPageRequest struct {
	// Date is the day in Istanbul as YYYY-MM-DD.
	Date string
	// Page is 1 to 10000.
	Page int
	// ConversationID names this query. Optional, at most 64 visible ASCII characters.
	ConversationID string
	// Locale is tr (the default) or en.
	Locale string
}

// TransactionsPage is one page of a day's transactions.
type TransactionsPage struct {
	Envelope
	// CurrentPage is the page that was asked for; a day without transactions may leave it at 0.
	CurrentPage int
	// TotalPageCount is how many pages the day has so far; 0 or 1 if it has no transactions.
	TotalPageCount int
	// Transactions are newest first.
	Transactions []ReportedTransaction
}

// ReportedTransaction is one line's share of a payment, a cancel or a refund: a payment of three lines is three rows, and so
// are its cancel and its refund in full. The rows of one cancel share one TransactionID.
type ReportedTransaction struct {
	// Type is TransactionPayment, TransactionCancel or TransactionRefund; other words are left as they are.
	Type          string
	TransactionID string
	// At is in UTC.
	At time.Time
	// Status is the transaction's; nil if absent, as on refunds and cancels.
	Status    *int
	PaymentID string
	// PaymentTransactionID is the line.
	PaymentTransactionID string
	// ConversationID is the one of the request that made the transaction, exactly as written; empty if absent.
	ConversationID string
	// Phase is PRE_AUTH, AUTH or POST_AUTH.
	Phase string
	// Price is the line's amount. It can have 8 decimals.
	Price decimal.Decimal
	// PaidPrice is the whole payment's, zero if absent.
	PaidPrice decimal.Decimal
	// Currency is in upper case, empty if absent.
	Currency string
	// AfterSettlement tells that the money had already been paid out to the merchant.
	AfterSettlement bool
	AuthCode        string
	HostReference   string
	BasketID        string
}

type wireTransactions struct {
	wireAnswer
	CurrentPage    token                 `json:"currentPage"`
	TotalPageCount token                 `json:"totalPageCount"`
	Transactions   list[wireTransaction] `json:"transactions"`
}

type wireTransaction struct {
	TransactionType     token `json:"transactionType"`
	TransactionID       token `json:"transactionId"`
	TransactionDate     token `json:"transactionDate"`
	TransactionStatus   token `json:"transactionStatus"`
	PaymentID           token `json:"paymentId"`
	PaymentTxID         token `json:"paymentTxId"`
	ConversationID      token `json:"conversationId"`
	PaymentPhase        token `json:"paymentPhase"`
	Price               token `json:"price"`
	PaidPrice           token `json:"paidPrice"`
	TransactionCurrency token `json:"transactionCurrency"`
	AfterSettlement     token `json:"afterSettlement"`
	AuthCode            token `json:"authCode"`
	HostReference       token `json:"hostReference"`
	BasketID            token `json:"basketId"`
}

// ListTransactions reads a day's transactions, all pages of them, or fails: a list that was read in part proves nothing. It
// moves nothing. Beside what ListTransactionsPage refuses, it refuses a list whose number of pages changes while it is read,
// and a row that was on an earlier page: a page that came twice, or rows that moved on. A day that is not over grows at its
// start, so reading it can fail just because of that: read again.
//
// Each page is a request of its own within iyzico's rate limit. If ctx has no deadline, each page has the default timeout.
func (c *Client) ListTransactions(ctx context.Context, req ListTransactionsRequest) (*TransactionList, error) {
	list := &TransactionList{Date: req.Date, Pages: 1, ReadAt: c.opts.clock().UTC()}
	seen := map[rowKey]bool{}
	for number := 1; number <= list.Pages; number++ {
		page, err := c.transactionsPage(ctx, ListTransactionsPageRequest{
			Date: req.Date, Page: number, ConversationID: req.ConversationID, Locale: req.Locale,
		}, func(s *success, page *TransactionsPage) {
			if number > 1 && page.TotalPageCount != list.Pages {
				s.fields.fail("totalPageCount")
			}
			s.once(page.Transactions, seen)
		})
		if err != nil {
			return nil, err
		}
		if number == 1 {
			list.SystemTime, list.Pages = page.SystemTime, max(page.TotalPageCount, 1)
		}
		if page.SystemTime.IsZero() {
			list.SystemTime = time.Time{}
		}
		list.Transactions = append(list.Transactions, page.Transactions...)
		list.Warnings = append(list.Warnings, page.Warnings...)
	}
	return list, nil
}

// ListTransactionsPage reads one page of a day's transactions, for callers who must count requests or go on later. Whether
// the pages fit together is theirs to check. It moves nothing. It refuses, with ReasonUnreadable, a page that does not say how
// many pages there are, a page beyond them or without rows (but the first page of a day without transactions), a row without
// type, ids, price or readable date, a row of another day and a row that is there twice; and with ReasonEchoMismatch another
// page than the one asked for.
func (c *Client) ListTransactionsPage(ctx context.Context, req ListTransactionsPageRequest) (*TransactionsPage, error) {
	return c.transactionsPage(ctx, req, func(s *success, page *TransactionsPage) { s.once(page.Transactions, map[rowKey]bool{}) })
}

func (c *Client) transactionsPage(
	ctx context.Context, req ListTransactionsPageRequest, check func(*success, *TransactionsPage),
) (*TransactionsPage, error) {
	r := ask(http.MethodGet, pathTransactions, req.ConversationID, req.Locale)
	r.day("transactionDate", req.Date)
	r.require(req.Page >= 1 && req.Page <= maxPages, "page", "must be between 1 and "+strconv.Itoa(maxPages))
	r.query = query(
		"transactionDate", req.Date,
		"page", strconv.Itoa(req.Page),
		"conversationId", req.ConversationID,
		"locale", localeOrDefault(req.Locale),
	)
	return perform(ctx, c, r, func(s *success, wire *wireTransactions) TransactionsPage {
		page := s.transactionsPage(wire, req)
		check(s, &page)
		return page
	})
}

// transactionsPage reads a page, or notes why it cannot be trusted.
func (s *success) transactionsPage(wire *wireTransactions, req ListTransactionsPageRequest) TransactionsPage {
	page := TransactionsPage{
		CurrentPage:    s.fields.number("currentPage", wire.CurrentPage),
		TotalPageCount: s.fields.number("totalPageCount", wire.TotalPageCount),
		Transactions:   make([]ReportedTransaction, len(wire.Transactions.items)),
	}
	none := len(page.Transactions) == 0 && req.Page == 1 && page.TotalPageCount <= 1
	if !wire.TotalPageCount.present || page.TotalPageCount < 0 || page.TotalPageCount > maxPages {
		s.fields.fail("totalPageCount")
	}
	if page.CurrentPage != req.Page && (!none || page.CurrentPage != 0) {
		s.reject(ReasonEchoMismatch, "currentPage")
	}
	if wire.Transactions.state != ListPresent || (!none && (len(page.Transactions) == 0 || req.Page > page.TotalPageCount)) {
		s.fields.fail("transactions")
	}
	for i := range page.Transactions {
		page.Transactions[i] = s.transaction(at("transactions", i), &wire.Transactions.items[i], req.Date)
	}
	return page
}

// rowKey tells rows apart: the rows of one cancel share their transaction's id, and iyzico has one row a line.
type rowKey struct{ kind, transactionID, line string }

// once demands that no row was seen before, and notes them all as seen.
func (s *success) once(rows []ReportedTransaction, seen map[rowKey]bool) {
	for i, row := range rows {
		key := rowKey{row.Type, row.TransactionID, row.PaymentTransactionID}
		if seen[key] {
			s.fields.fail(at("transactions", i) + "transactionId")
		}
		seen[key] = true
	}
}

func (s *success) transaction(path string, wire *wireTransaction, day string) ReportedTransaction {
	row := ReportedTransaction{
		Type:                 wire.TransactionType.str(),
		TransactionID:        s.fields.requiredID(path+"transactionId", wire.TransactionID),
		At:                   wallTime(wire.TransactionDate.text),
		Status:               s.fields.integer(path+"transactionStatus", wire.TransactionStatus),
		PaymentID:            s.fields.requiredID(path+"paymentId", wire.PaymentID),
		PaymentTransactionID: s.fields.requiredID(path+"paymentTxId", wire.PaymentTxID),
		ConversationID:       s.fields.id(path+"conversationId", wire.ConversationID),
		Phase:                wire.PaymentPhase.str(),
		Price:                s.fields.requiredAmount(path+"price", wire.Price),
		PaidPrice:            s.fields.amount(path+"paidPrice", wire.PaidPrice),
		Currency:             wire.TransactionCurrency.currency(),
		AfterSettlement:      isTrue(wire.AfterSettlement),
		AuthCode:             wire.AuthCode.str(),
		HostReference:        wire.HostReference.str(),
		BasketID:             wire.BasketID.str(),
	}
	if row.Type == "" {
		s.fields.fail(path + "transactionType")
	}
	if istanbulDay(row.At) != day { // an unreadable date is of no day
		s.fields.fail(path + "transactionDate")
	}
	return row
}
