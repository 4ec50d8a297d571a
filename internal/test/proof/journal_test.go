package proof_test

// journalGuards keep the record of every change whole, in order, and without a person in it.
var journalGuards = []guard{
	{
		name: "an older save never hides a newer one in the journal",
		file: "internal/store/dynamo/journal.go",
		old:  `"attribute_not_exists(#sequence) OR #sequence <= :sequence"`,
		new:  `"attribute_not_exists(#sequence) OR #sequence <> :sequence"`,
		test: "TestTheJournalKeepsTheContract",
	},
	{
		name: "a record in the journal stays as it is",
		file: "internal/store/bolt/journal.go",
		old:  "if all.Get(key) == nil {",
		new:  "{",
		test: "TestTheJournalKeepsTheContract",
	},
	{
		name: "nothing is published that the journal does not hold",
		file: "internal/eventbus/publisher.go",
		old:  "if err := p.journal.Append(ctx, payment.Records(old, next)); err != nil {",
		new:  "if err := p.journal.Append(ctx, payment.Records(old, next)); err != nil && ctx.Err() != nil {",
		test: "TestTheStreamStopsAtWhatTheJournalRefuses",
	},
	{
		name: "a save says who it was made for",
		file: "internal/payment/service.go",
		old:  "d.after.Author = authorOf(ctx, e, now)",
		new:  "d.after.Author = authorOf(context.Background(), e, now)",
		test: "TestARecordNamesWhoAsked",
	},
	{
		name: "a caller's name is kept without the session's, which is a person's",
		file: "internal/ingress/principal.go",
		old:  "return impersonal(withoutSession(a.IAM.UserARN))",
		new:  "return impersonal(a.IAM.UserARN)",
		test: "TestTheGatewaysCallerIsNamedWithoutAPerson",
	},
	{
		name: "an event that the bus cannot carry is shortened",
		file: "internal/eventbus/event_bus.go",
		old:  "entryBytes(p, detail) <= mostEntryBytes",
		new:  "entryBytes(p, detail) <= 8*mostEntryBytes",
		test: "TestAnEventThatNoBusCarriesIsShortened",
	},
}
