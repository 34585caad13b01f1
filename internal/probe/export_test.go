package probe

// Unanswered are the kinds of requests without an answer.
var Unanswered = unanswered
