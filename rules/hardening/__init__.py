"""What the policies of other services had better say: cards alone, without Python."""
