"""What a slip in the organization's own file is called. The readers find these; the cards tell of them."""
