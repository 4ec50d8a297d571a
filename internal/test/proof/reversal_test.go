package proof_test

// reversalGuards keep a reversal from giving a payment back by its cancel and by refunds, too.
var reversalGuards = []guard{
	{
		name: "refunds take the place of a cancel at the proof that it moved nothing, and not before",
		file: "internal/payment/reversal.go",
		old:  "(o.Legs[0].State == StateRejected || o.Legs[0].State == StateNotExecuted)",
		new:  "(o.Legs[0].State == StateRejected || o.Legs[0].State == StateNotExecuted || o.Legs[0].State == StateUnknown)",
		test: "TestAReversalGoesOnAfterProofOfAbsence",
	},
	{
		name: "no refund is promised or sent while a cancel is open",
		file: "internal/payment/guards.go",
		old:  "bool { return l.whole() }); op != nil {",
		new:  "bool { return l.API == APIBalanceInit }); op != nil {",
		test: "TestAReversalIsRefusedWhereNeitherWayIsOpen",
	},
	{
		name: "refunds in the place of a cancel read the report first",
		file: "internal/payment/requested.go",
		old:  "|| r.outdated(a) || op.awaitsPlan())",
		new:  "|| r.outdated(a))",
		test: "TestARefundThatWasPutOffIsPlannedAnew",
	},
	{
		name: "refunds in the place of a cancel are planned on the account as it is then",
		file: "internal/payment/reversal.go",
		old:  "\t\ta.planRest(op, now)\n\t\top.AcceptedIn",
		new:  "\t\top.AcceptedIn",
		test: "TestRefundsOfAReversalArePlannedOnTheAccountAsItIsThen",
	},
	{
		name: "refunds in the place of a cancel keep every rule of a refund",
		file: "internal/payment/reversal.go",
		old:  "if err := a.guardRefund(now); err != nil {",
		new:  "if err := a.guardRefund(now); err != nil && !a.PreAuth {",
		test: "TestAHoldWhoseCancelIsRefusedIsNotRefunded",
	},
	{
		name: "a cancel that may have taken the payment stops the refunds in its place",
		file: "internal/payment/transitions.go",
		old:  "if to == StateNeedsReview && leg.API == APICancel {",
		new:  "if to == StateNeedsReview && leg.API == APICancel && o.Kind == KindCancel {",
		test: "TestACancelThatIsSeenAfterAllStopsTheRefunds",
	},
	{
		name: "a reversal whose cancel was refused keeps its key though its refund was not sent",
		file: "internal/payment/answered.go",
		old:  "|| op.fellBack() || op.gaveWay())",
		new:  "|| op.fellBack())",
		test: "TestARefundThatWasPutOffIsPlannedAnew",
	},
	{
		name: "after the proof the refunds have their hour",
		file: "internal/payment/reversal.go",
		old:  "op.DeadlineAt = now.Add(operationTime)",
		new:  "op.DeadlineAt = op.DeadlineAt.Add(0)",
		test: "TestAReversalGoesOnAfterProofOfAbsence",
	},
	{
		name: "a decision counts the cancel or the refunds of a reversal, not both",
		file: "internal/payment/resolved.go",
		old:  "done := e.Decision == DecideSucceeded && meant[i]",
		new:  "done := e.Decision == DecideSucceeded && len(meant) > i",
		test: "TestADecisionMeansTheCancelOrTheRefunds",
	},
}
