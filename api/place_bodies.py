"""Where the marks of a PDF of another program are asked for: in one of its fields, at a point, or between two lines."""

from typing import Annotated, Final, Literal

from pydantic import Field

from api.bodies import Body
from signer import AtPoint, BetweenLines, InField

Printed = Annotated[str, Field(min_length=1, max_length=300)]
PageNumber = Annotated[int, Field(ge=1, le=20_000, description="from 1")]
Millimetres = Annotated[float, Field(ge=0, le=5_100, allow_inf_nan=False)]

PLACE: Final = (
    "Where the officer's signature goes; the seal stands over its left third. Left out: between the post and the "
    "officer's printed name, else by the decree's drawing, else where nothing is covered. What is asked for is done, "
    "or refused as `unsealable` with `reason` and `found`"
)


class FieldPlaceBody(Body):
    """In the middle of an empty signature field of the file, under its full name. The field gives way to the marks,
    unless somebody has signed the file."""

    by: Literal["field"]
    field: Annotated[str, Field(min_length=1, max_length=200)]

    def wanted(self) -> InField:
        """As the signer takes it."""
        return InField(field=self.field)


class PointPlaceBody(Body):
    """With its centre at this point: millimetres from the left and the upper edge of the page as it is shown. At the
    page's edge both marks are shifted, never scaled."""

    by: Literal["coordinates"]
    page: PageNumber
    x_mm: Millimetres
    y_mm: Millimetres

    def wanted(self) -> AtPoint:
        """As the signer takes it."""
        return AtPoint(page=self.page, x_mm=self.x_mm, y_mm=self.y_mm)


class LinesPlaceBody(Body):
    """Between two printed texts, such as the post above and the name below. Each must stand once in the file, or on
    `page` where that is given."""

    by: Literal["anchors"]
    above: Printed
    below: Printed
    page: PageNumber | None = None

    def wanted(self) -> BetweenLines:
        """As the signer takes it."""
        return BetweenLines(above=self.above, below=self.below, page=self.page)


PlaceBody = Annotated[FieldPlaceBody | PointPlaceBody | LinesPlaceBody, Field(discriminator="by")]
