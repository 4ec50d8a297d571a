package iyzicotest

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// wireTime is how payment details write times: Istanbul's wall time, whatever the Z behind it says. wireDayTime is how the
// day list does. Both were seen on the wire.
const (
	wireTime    = "2006-01-02T15:04:05Z"
	wireDayTime = time.DateTime
)

func wireDate(t time.Time) string { return t.In(istanbul).Format(wireTime) }

// reportDetails shows payments with their refunds and cancels, unsigned. An unknown id gives a success with no payments,
// no id at all a failure; both were seen.
func (s *Server) reportDetails(c *call) answer {
	id, conversationID := c.query.Get("paymentId"), c.query.Get("paymentConversationId")
	if id == "" && conversationID == "" {
		return s.failure(c, refuse(CodeFieldMissing))
	}
	details := s.ledger.PaymentDetails(s.Settings().reporting(), id, conversationID)
	payments := make([]object, len(details.Payments))
	for i, p := range details.Payments {
		payments[i] = reported(p)
	}
	o := s.envelope(c, "success").replace("systemTime", details.SystemTime.UnixMilli())
	return answer{body: append(o, member{"payments", payments})}
}

// reported writes one payment. A cancelled one comes in the shorter form that was seen: without updatedDate, itemId and
// isAfterSettlement.
func reported(p ReportedPayment) object {
	o := object{
		{"paymentId", number(p.PaymentID)}, {"paymentStatus", p.PaymentStatus}, {"paymentRefundStatus", p.RefundStatus},
		{"price", amount(p.Price)}, {"paidPrice", amount(p.PaidPrice)}, {"installment", 1},
	}
	o = append(o, commission(p.Price, p.PaidPrice.Round(8))...)
	o.addText("paymentConversationId", p.ConversationID)
	o.addText("basketId", p.BasketID)
	o = append(o, object{
		{"fraudStatus", p.FraudStatus}, {"currency", p.Currency}, {"threeDS", false}, {"phase", p.Phase},
		{"authCode", authCode(p.PaymentID)}, {"hostReference", hostReference},
		{"createdDate", wireDate(p.CreatedAt)},
	}...)
	short := p.UpdatedAt.IsZero()
	if !short {
		o.add("updatedDate", wireDate(p.UpdatedAt))
	}
	o.add("cancels", reportedEntries(p.Cancels, "refundId", "cancelConversationId", short))
	items := make([]object, len(p.Lines))
	for i, line := range p.Lines {
		items[i] = object{
			{"paymentTransactionId", number(line.PaymentTransactionID)}, {"transactionStatus", line.TransactionStatus},
			{"price", amount(line.Price)}, {"paidPrice", amount(line.PaidPrice)},
		}
		items[i].addText("itemId", line.ItemID)
		items[i] = append(items[i], commission(line.Price, line.PaidPrice)...)
		items[i].add("refunds", reportedEntries(line.Refunds, "refundTxId", "refundConversationId", short))
	}
	o.add("itemTransactions", items)
	return o
}

// reportedEntries writes refunds[] or cancels[], which differ in the names of the two ids only (docs/iyzico.md §5.2). An entry
// without an id is one that a lie has emptied.
func reportedEntries(entries []ReportedRefund, idName, conversationName string, short bool) []object {
	list := make([]object, len(entries))
	for i, entry := range entries {
		if entry.RefundTxID == "" {
			list[i] = object{}
			continue
		}
		o := object{{idName, number(entry.RefundTxID)}}
		o.addText(conversationName, entry.ConversationID)
		o = append(o, object{{"refundPrice", amount(entry.Price)}, {"refundStatus", entry.Status}}...)
		if !short {
			o.add("isAfterSettlement", false)
		}
		if !entry.CreatedAt.IsZero() {
			o.add("createdDate", wireDate(entry.CreatedAt))
		}
		o.add("currencyCode", entry.Currency)
		if entry.Refusal == nil {
			o.add("authCode", authCode(entry.RefundTxID))
			o.add("hostReference", ownHostReference(entry.RefundTxID))
		} else {
			o.add("errorCode", entry.Refusal.Code)
			o.addText("errorGroup", entry.Refusal.Group)
			o.add("errorMessage", entry.Refusal.Message)
		}
		list[i] = o
	}
	return list
}

// reportDay reads transactionDate: a day, or a day with a time, which one client sends (docs/iyzico.md §11, 15).
func reportDay(raw string) (string, *Refusal) {
	if raw == "" {
		return "", refuse(CodeFieldMissing)
	}
	day, _, _ := strings.Cut(raw, " ")
	if _, err := time.Parse(time.DateOnly, day); err != nil {
		return "", refuse(CodeInvalidRequest)
	}
	return day, nil
}

// reportTransactions lists one day, page by page from 1, newest first.
func (s *Server) reportTransactions(c *call) answer {
	day, refusal := reportDay(c.query.Get("transactionDate"))
	if refusal != nil {
		return s.failure(c, refusal)
	}
	page, err := strconv.Atoi(c.query.Get("page"))
	if err != nil || page < 1 {
		return s.failure(c, refuse(CodeInvalidRequest))
	}
	list := s.ledger.DayPage(s.Settings().reporting(), day, page)
	o := append(s.envelope(c, "success").replace("systemTime", list.SystemTime.UnixMilli()), object{
		{"transactions", transactionRows(list.Rows)},
		{"currentPage", page}, {"totalPageCount", list.Pages},
	}...)
	return answer{body: o}
}

// reportScroll lists one day from behind lastId. Which id that is and how the end shows is not documented (docs/iyzico.md
// §5.4): here it is the row's number within the day, and the end is an empty list.
func (s *Server) reportScroll(c *call) answer {
	day, refusal := reportDay(c.query.Get("transactionDate"))
	if refusal != nil {
		return s.failure(c, refusal)
	}
	last := 0
	if raw := c.query.Get("lastId"); raw != "" {
		n, err := strconv.Atoi(raw)
		if err != nil || n < 0 {
			return s.failure(c, refuse(CodeInvalidRequest))
		}
		last = n
	}
	order := c.query.Get("documentScrollVoSortingOrder")
	if order != "" && order != "ASC" && order != "DESC" {
		return s.failure(c, refuse(CodeInvalidRequest))
	}
	rows := s.ledger.day(s.Settings().reporting(), day)
	if order != "DESC" {
		slices.Reverse(rows)
	}
	from := min(last, len(rows))
	to := min(from+TransactionsPerPage, len(rows))
	list := transactionRows(rows[from:to])
	for i := range list {
		list[i].add("lastId", from+i+1)
	}
	return answer{body: append(s.envelope(c, "success"), member{"transactions", list})}
}

// transactionRows writes rows as they were seen: those of refunds and cancels have no transactionStatus.
func transactionRows(rows []Transaction) []object {
	list := make([]object, len(rows))
	for i, row := range rows {
		o := object{
			{"transactionType", row.Type},
			{"transactionDate", row.CreatedAt.In(istanbul).Format(wireDayTime)},
			{"transactionId", number(row.ID)}, {"afterSettlement", 0},
			{"paymentTxId", number(row.PaymentTransactionID)}, {"paymentId", number(row.PaymentID)},
		}
		if row.Type == TransactionPayment {
			o.add("transactionStatus", 2)
		}
		o.addText("conversationId", row.ConversationID)
		o.addText("basketId", row.BasketID)
		list[i] = append(o, object{
			{"paymentPhase", row.Phase}, {"price", amount(row.Price)}, {"paidPrice", amount(row.PaidPrice)},
			{"transactionCurrency", row.Currency}, {"settlementCurrency", row.Currency},
			{"installment", 1}, {"threeDS", 0},
			{"authCode", authCode(row.PaymentID)}, {"hostReference", hostReference},
			{"iyzicoCommission", amount(iyziCommission(row.Price))}, {"iyzicoFee", amount{}},
			{"merchantPayoutAmount", amount(row.Price.Sub(iyziCommission(row.Price)))},
		}...)
	}
	return list
}
