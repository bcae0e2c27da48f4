"""Orders (pain.001) by other means than the program's own: ISO's schemas, which the package pain001 brings, and Python's reader of XML."""
import decimal
import subprocess
import xml.etree.ElementTree as ElementTree

from office import Difference
from packages import package


def schema(version):
    """ISO's schema of a version of pain.001, as the package has it."""
    return package("pain001") / "pain001" / "templates" / f"pain.001.001.{version}" / f"pain.001.001.{version}.xsd"


def is_valid(path, version):
    done = subprocess.run(["xmllint", "--noout", "--nonet", "--schema", str(schema(version)), str(path)], capture_output=True, text=True)
    return done.returncode == 0, done.stderr


def valid(path, version):
    """Holds a file to its schema."""
    good, told = is_valid(path, version)
    if not good:
        raise Difference(f"{path} is not valid by pain.001.001.{version}: {told}")


def as_python_reads(path):
    """Ids and sum of an order, read by another reader than ours."""
    root = ElementTree.parse(path).getroot()
    inside = lambda element, name: next((found for found in element.iter() if found.tag.rsplit("}")[-1] == name), None)
    payments = [element for element in root.iter() if element.tag.rsplit("}")[-1] == "CdtTrfTxInf"]
    ids = [inside(payment, "EndToEndId").text.strip() for payment in payments]
    amounts = []
    for payment in payments:
        amount = inside(payment, "InstdAmt")
        amount = inside(inside(payment, "EqvtAmt"), "Amt") if amount is None else amount
        amounts.append(decimal.Decimal(amount.text.strip()))
    return ids, sum(amounts)


def rows(path):
    """Id, amount and account of each payment, in the order of the file."""
    found, name = [], lambda element: element.tag.rsplit("}")[-1]
    for payment in (element for element in ElementTree.parse(path).getroot().iter() if name(element) == "CdtTrfTxInf"):
        inside = {name(element): element for element in payment.iter()}
        account = next(element for element in inside["CdtrAcct"].iter() if name(element) == "Id" and element.text)
        found.append((inside["EndToEndId"].text, int(inside["InstdAmt"].text), account.text))
    return found
