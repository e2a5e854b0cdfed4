"""Classification of transfers: what a code means, from which accounting date on, for a book or one of its partners."""
